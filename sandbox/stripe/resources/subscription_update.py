"""Subscriptions: update, with or without another price."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from stripe.params._subscription_update_params import SubscriptionUpdateParams

from sandbox.stripe.errors import invalid, no_such, not_here
from sandbox.stripe.lifecycle.cards import resolve_method
from sandbox.stripe.lifecycle.change import Terms, change_items
from sandbox.stripe.lifecycle.subscribe import Wanted, new_item, plan_of
from sandbox.stripe.present import present
from sandbox.stripe.resources.subscriptions import (
    ENDED,
    ITEMS,
    OPTIONS,
    refuse_options,
    require_one_cycle,
    schedule_end,
    wanted_item,
)
from sandbox.stripe.routes import Call, route
from sandbox.stripe.values import Obj, merge_metadata, public

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

MORE = "items.id items.deleted proration_date cancel_at cancellation_details billing_cycle_anchor.type"
WITH_PENDING = {"items", "proration_behavior", "proration_date", "payment_behavior", "metadata", "expand"}
WITH_PENDING |= {"cancel_at_period_end", "billing_cycle_anchor", "off_session"}


@route("POST", "/v1/subscriptions/{id}", SubscriptionUpdateParams, ITEMS + OPTIONS + MORE)
def update_subscription(call: Call) -> Obj:
    """Change a running subscription; a canceled one is final."""
    desk, params = call.desk, call.params
    sub = desk.need("subscription", call.id)
    _require_running(sub)
    refuse_options(params)
    if params.get("billing_cycle_anchor", {}).get("type", "unchanged") != "unchanged":
        raise not_here("billing_cycle_anchor[type]=now")
    rest = _rest(desk, sub, params)
    items = items_after(desk, sub, params.get("items", []))
    if items == sub["items"]["data"]:
        with desk.changing(sub, "customer.subscription.updated"):
            sub |= rest
    else:
        change_items(desk, sub, items, _terms(desk, sub, params), rest)
    return present(desk, sub)


def _require_running(sub: Obj) -> None:
    if sub["status"] in ENDED:
        message = "A canceled subscription can only update its cancellation_details and metadata."
        raise invalid(message, param="id")


def _terms(desk: Desk, sub: Obj, params: Obj) -> Terms:
    behavior = params.get("payment_behavior", "allow_incomplete")
    unknown = params.keys() - WITH_PENDING
    if behavior == "pending_if_incomplete" and unknown:
        name = min(unknown)
        message = f"You cannot set `{name}` on the subscription while setting `payment_behavior=pending_if_incomplete`."
        raise invalid(message, param=name)
    at = params.get("proration_date", desk.now(sub["test_clock"]))
    item = sub["items"]["data"][0]
    if not item["current_period_start"] <= at < item["current_period_end"]:
        raise invalid("The proration date must lie within the current billing period.", param="proration_date")
    return Terms(params.get("proration_behavior", "create_prorations"), behavior, at, bool(params.get("off_session")))


def _rest(desk: Desk, sub: Obj, params: Obj) -> Obj:
    """Answer the plain fields after the update, without writing them."""
    after = copy.deepcopy({key: sub[key] for key in sub if key not in ("items", "_")})
    after["items"] = sub["items"]
    after["metadata"] = merge_metadata(sub["metadata"], params.get("metadata"))
    if "description" in params:
        after["description"] = params["description"] or None
    if "default_payment_method" in params:
        after["default_payment_method"] = _card(desk, sub, params["default_payment_method"])
    after["payment_settings"] |= params.get("payment_settings") or {}
    _ending(desk, after, params)
    del after["items"]
    return after


def _ending(desk: Desk, after: Obj, params: Obj) -> None:
    if "cancel_at_period_end" in params:
        schedule_end(desk, after, at_period_end=params["cancel_at_period_end"])
    if "cancel_at" in params:
        moment = params["cancel_at"] or None
        if isinstance(moment, str):
            raise not_here(f"cancel_at={moment}")
        after["cancel_at"] = moment
        after["canceled_at"] = desk.now(after["test_clock"]) if moment else None
    details = params.get("cancellation_details") or {}
    after["cancellation_details"] |= {key: value or None for key, value in details.items()}


def _card(desk: Desk, sub: Obj, ident: str) -> str | None:
    if not ident:
        return None
    method = resolve_method(desk, ident, clock=sub["test_clock"], param="default_payment_method")
    if method["customer"] != sub["customer"]:
        message = (
            f"The customer does not have a payment method with the ID {ident}. The payment method must be attached."
        )
        raise invalid(message, param="default_payment_method", code="resource_missing")
    return str(method["id"])


def items_after(desk: Desk, sub: Obj, given: list[Obj]) -> list[Obj]:
    """Answer the items after the update: with an `id` one is changed, without, one is added."""
    items: list[Obj] = copy.deepcopy(sub["items"]["data"])
    for index, change in enumerate(given):
        if "id" not in change:
            wanted = wanted_item(desk, change, param=f"items[{index}]")
            items.append(_added(desk, sub, wanted))
            continue
        item = next((one for one in items if one["id"] == change["id"]), None)
        if item is None:
            raise no_such("subscription item", change["id"], param=f"items[{index}][id]")
        if change.get("deleted"):
            items.remove(item)
        else:
            _edit(desk, item, change, param=f"items[{index}]")
    if not items:
        raise invalid("A subscription must have at least one active plan.", param="items")
    require_one_cycle([item["price"] for item in items])
    return items


def _added(desk: Desk, sub: Obj, wanted: Wanted) -> Obj:
    item = new_item(sub["id"], wanted, desk.now(sub["test_clock"]), anchor=sub["billing_cycle_anchor"])
    if any(one["price"]["id"] == wanted.price["id"] for one in sub["items"]["data"]):
        raise invalid(f"The price {wanted.price['id']} is already on this subscription.", param="items")
    period = sub["items"]["data"][0]
    return item | {key: period[key] for key in ("current_period_start", "current_period_end")}


def _edit(desk: Desk, item: Obj, change: Obj, *, param: str) -> None:
    if "price" in change or "price_data" in change:
        wanted = wanted_item(desk, change, param=param)
        if wanted.price["id"] != item["price"]["id"]:
            # A new price begins with quantity 1, unless the call says otherwise.
            item |= {"price": public(wanted.price), "plan": plan_of(wanted.price), "quantity": wanted.quantity}
    item["quantity"] = change.get("quantity", item["quantity"])
    item["metadata"] = merge_metadata(item["metadata"], change.get("metadata"))
