"""Subscriptions: create, read, cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe.params._subscription_cancel_params import SubscriptionCancelParams
from stripe.params._subscription_create_params import SubscriptionCreateParams
from stripe.params._subscription_list_params import SubscriptionListParams
from stripe.params._subscription_retrieve_params import SubscriptionRetrieveParams

from sandbox.stripe import listing
from sandbox.stripe.errors import invalid, missing_param, no_such, not_here
from sandbox.stripe.lifecycle.billing import bill_now, can_pay, raise_if_refused
from sandbox.stripe.lifecycle.cancel import cancel
from sandbox.stripe.lifecycle.cards import resolve_method
from sandbox.stripe.lifecycle.subscribe import Wanted, first_invoice, new_subscription, settle_currency
from sandbox.stripe.present import present
from sandbox.stripe.resources.prices import inline_price
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.values import Obj, merge_metadata

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

ENDED = ("canceled", "incomplete_expired")
ITEMS = "items.price items.price_data items.quantity items.metadata "
OPTIONS = "description default_payment_method payment_behavior proration_behavior off_session collection_method "
OPTIONS += "cancel_at_period_end payment_settings.save_default_payment_method "
REFUSED = "This customer has no attached payment source or default payment method. Please consider adding a default "
REFUSED += "payment method."


@route("POST", "/v1/subscriptions", SubscriptionCreateParams, ITEMS + OPTIONS + "customer currency billing_mode")
def create_subscription(call: Call) -> Obj:
    """Subscribe a customer with a saved card; the first invoice is finalized and charged at once."""
    desk, params = call.desk, call.params
    if "customer" not in params:
        raise missing_param("customer")
    customer = desk.need("customer", params["customer"], param="customer")
    if not params.get("items"):
        raise missing_param("items")
    refuse_options(params)
    wanted = [wanted_item(desk, item, param=f"items[{index}]") for index, item in enumerate(params["items"])]
    require_one_cycle([one.price for one in wanted])
    settle_currency(desk, customer, wanted[0].price["currency"])
    sub = _subscribe(desk, customer, wanted, params)
    return present(desk, sub)


def refuse_options(params: Obj) -> None:
    """Refuse the variants of billing that are not here."""
    if params.get("collection_method", "charge_automatically") != "charge_automatically":
        raise not_here("collection_method=send_invoice on a subscription")
    if params.get("billing_mode", {}).get("type", "flexible") != "flexible":
        raise not_here("The classic billing mode")


def wanted_item(desk: Desk, item: Obj, *, param: str) -> Wanted:
    """Answer the price and quantity of one `items` parameter."""
    if "price_data" in item:
        price = inline_price(desk, item["price_data"], param=f"{param}[price_data]")
    elif "price" in item:
        price = desk.need("price", item["price"], param=f"{param}[price]")
        if not price["active"]:
            raise invalid(
                "The price specified is inactive. This field only accepts active prices.", param=f"{param}[price]"
            )
    else:
        raise missing_param(f"{param}[price]")
    if price["type"] != "recurring":
        message = (
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`."
        )
        raise invalid(message, param=f"{param}[price]")
    return Wanted(price, item.get("quantity", 1), merge_metadata({}, item.get("metadata")))


def require_one_cycle(prices: list[Obj]) -> None:
    """Refuse items whose periods would not run side by side."""
    cycles = {(price["recurring"]["interval"], price["recurring"]["interval_count"]) for price in prices}
    if len(cycles) > 1:
        raise not_here("A subscription with different billing intervals")
    if len({price["currency"] for price in prices}) > 1:
        raise invalid("All prices on a subscription must have the same currency.", param="items")


def _subscribe(desk: Desk, customer: Obj, wanted: list[Wanted], params: Obj) -> Obj:
    method = _card(desk, customer, params)
    behavior = params.get("payment_behavior", "allow_incomplete")
    off_session = bool(params.get("off_session", False))
    pay = behavior != "default_incomplete"
    sub = new_subscription(
        desk,
        customer,
        wanted,
        status="incomplete",
        default_payment_method=params.get("default_payment_method") and method and method["id"],
        description=params.get("description") or None,
        metadata=merge_metadata({}, params.get("metadata")),
        payment_settings={"save_default_payment_method": "off"} | params.get("payment_settings", {}),
    )
    invoice = first_invoice(desk, sub, customer)
    if invoice["amount_due"] == 0 or (pay and can_pay(method, off_session=off_session)):
        sub["status"] = "active"
    elif pay and method is None:
        raise invalid(REFUSED, code="resource_missing")
    schedule_end(desk, sub, at_period_end=params.get("cancel_at_period_end", False))
    desk.save(sub)
    desk.emit("customer.subscription.created", sub)
    decline = bill_now(desk, invoice, pay=pay, off_session=off_session)
    if behavior == "error_if_incomplete":
        raise_if_refused(desk, invoice, decline)
    return sub


def schedule_end(desk: Desk, sub: Obj, *, at_period_end: bool) -> None:
    """Set or undo the end at the close of the period."""
    now = desk.now(sub["test_clock"])
    sub["cancel_at_period_end"] = at_period_end
    sub["cancel_at"] = sub["items"]["data"][0]["current_period_end"] if at_period_end else None
    sub["canceled_at"] = now if at_period_end else None
    sub["cancellation_details"]["reason"] = "cancellation_requested" if at_period_end else None


def _card(desk: Desk, customer: Obj, params: Obj) -> Obj | None:
    ident = params.get("default_payment_method") or customer["invoice_settings"]["default_payment_method"]
    if not ident:
        return None
    method = resolve_method(desk, ident, clock=customer["test_clock"], param="default_payment_method")
    if method["customer"] != customer["id"]:
        message = (
            f"The customer does not have a payment method with the ID {ident}. The payment method must be attached."
        )
        raise invalid(message, param="default_payment_method", code="resource_missing")
    return method


@route("GET", "/v1/subscriptions/{id}", SubscriptionRetrieveParams)
def retrieve_subscription(call: Call) -> Obj:
    """Answer a subscription, canceled ones too."""
    return present(call.desk, call.desk.need("subscription", call.id))


@route("DELETE", "/v1/subscriptions/{id}", SubscriptionCancelParams, "invoice_now prorate cancellation_details")
def cancel_subscription(call: Call) -> Obj:
    """End a subscription now. One that has ended is gone for this call."""
    sub = call.desk.need("subscription", call.id)
    if sub["status"] in ENDED:
        raise no_such("subscription", call.id)
    details = call.params.get("cancellation_details") or {}
    sub["cancellation_details"] |= {key: value or None for key, value in details.items()}
    cancel(
        call.desk,
        sub,
        prorate=call.params.get("prorate", False),
        invoice_now=call.params.get("invoice_now", False),
    )
    return present(call.desk, sub)


@route("GET", "/v1/subscriptions", SubscriptionListParams, LIST + " customer status price test_clock")
def list_subscriptions(call: Call) -> Obj:
    """List subscriptions: all but the canceled ones unless `status` says otherwise."""
    query, params = listing.Query("subscription"), call.params
    query.equal("customer", params.get("customer"))
    query.equal("items.data[0].price.id", params.get("price"))
    if "test_clock" in params:
        query.equal("test_clock", params["test_clock"])
    elif "customer" not in params:
        query.null("test_clock")
    _filter_status(query, params.get("status"))
    return listing.answer(call, query)


def _filter_status(query: listing.Query, status: str | None) -> None:
    live = ["active", "incomplete", "past_due", "paused", "trialing", "unpaid"]
    if status is None:
        query.any_of("status", [*live, "incomplete_expired"])
    elif status == "ended":
        query.any_of("status", list(ENDED))
    elif status != "all":
        query.equal("status", status)
