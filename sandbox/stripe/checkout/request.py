"""What a session sells, and the options that are not here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.errors import invalid, missing_param, not_here
from sandbox.stripe.ids import new_id
from sandbox.stripe.lifecycle.subscribe import Wanted
from sandbox.stripe.money import line_amount
from sandbox.stripe.resources.prices import inline_price
from sandbox.stripe.resources.subscriptions import require_one_cycle
from sandbox.stripe.shapes import make
from sandbox.stripe.values import Obj, hidden, public

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

MODES = ("subscription", "payment", "setup")


def refuse_options(params: Obj) -> None:
    """Refuse the variants of Checkout that are not here, and what a mode does not take."""
    if "mode" not in params:
        raise missing_param("mode")
    mode = params["mode"]
    if mode not in MODES:
        raise not_here(f"Checkout in {mode} mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise not_here(f"ui_mode={params['ui_mode']}")
    if params.get("payment_method_types", ["card"]) != ["card"]:
        raise not_here("A payment method other than card")
    if params.get("billing_address_collection", "auto") != "auto":
        raise not_here("billing_address_collection=required")
    if "customer" in params and "customer_email" in params:
        raise invalid("You may only specify one of these parameters: customer, customer_email.", param="customer")
    data = params.get("subscription_data", {})
    if data.get("billing_mode", {}).get("type", "flexible") != "flexible":
        raise not_here("The classic billing mode")
    _refuse_other_mode(params, mode)


def _refuse_other_mode(params: Obj, mode: str) -> None:
    foreign = {
        "subscription": ("payment_intent_data", "setup_intent_data", "invoice_creation", "customer_creation"),
        "payment": ("subscription_data", "setup_intent_data", "payment_method_collection"),
        "setup": ("subscription_data", "payment_intent_data", "invoice_creation", "line_items"),
    }
    for name in foreign[mode]:
        if name in params:
            raise invalid(f"You can not pass `{name}` in `{mode}` mode.", param=name)


def line_items(desk: Desk, params: Obj) -> list[Obj]:
    """Answer what the session sells, priced; in setup mode that is nothing."""
    if params["mode"] == "setup":
        return []
    items = [_line_item(desk, item, param=f"line_items[{index}]") for index, item in enumerate(params["line_items"])]
    prices = [item["price"] for item in items]
    if len({price["currency"] for price in prices}) > 1:
        raise invalid("All line items must have the same currency.", param="line_items")
    recurring = [price for price in prices if price["recurring"]]
    if params["mode"] == "subscription":
        if not recurring:
            message = "You must provide at least one recurring price in `subscription` mode when using prices."
            raise invalid(message, param="line_items")
        if len(recurring) < len(prices):
            raise not_here("A one-time price in a session of subscription mode")
        require_one_cycle(recurring)
    elif recurring:
        message = "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or "
        message += "use only one-time prices."
        raise invalid(message, param="line_items")
    return items


def _line_item(desk: Desk, given: Obj, *, param: str) -> Obj:
    if "price" in given:
        price = desk.need("price", given["price"], param=f"{param}[price]")
        if not price["active"]:
            message = "The price specified is inactive. This field only accepts active prices."
            raise invalid(message, param=f"{param}[price]")
    elif "price_data" in given:
        price = inline_price(desk, given["price_data"], param=f"{param}[price_data]")
    else:
        raise missing_param(f"{param}[price]")
    if "quantity" not in given:
        raise missing_param(f"{param}[quantity]")
    amount = line_amount(price["unit_amount_decimal"], given["quantity"])
    product = desk.load(price["product"]) or {}
    return make(
        "item",
        id=new_id("li_"),
        amount_discount=0,
        amount_subtotal=amount,
        amount_tax=0,
        amount_total=amount,
        currency=price["currency"],
        description=product.get("name"),
        price=public(price),
        quantity=given["quantity"],
        metadata={},
        discounts=[],
        taxes=[],
    )


def wanted_items(session: Obj) -> list[Wanted]:
    """Answer the prices that a session of subscription mode subscribes to."""
    return [Wanted(item["price"], item["quantity"]) for item in hidden(session)["items"]]
