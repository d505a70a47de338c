"""Proration, to the second: credit for what is left of the old price, debit for what is left of the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.calendar import day_text
from sandbox.stripe.lifecycle.lines import make_item, pricing_of
from sandbox.stripe.money import line_amount, prorated

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk
    from sandbox.stripe.values import Obj


def credit_unused(desk: Desk, sub: Obj, item: Obj, *, at: int) -> Obj:
    """Credit the rest of an item's period: -round(price x quantity x left / whole)."""
    return _prorate(desk, sub, item, at=at, sign=-1, verb="Unused time on")


def debit_remaining(desk: Desk, sub: Obj, item: Obj, *, at: int) -> Obj:
    """Charge the rest of an item's period: round(price x quantity x left / whole)."""
    return _prorate(desk, sub, item, at=at, sign=1, verb="Remaining time on")


def _prorate(desk: Desk, sub: Obj, item: Obj, *, at: int, sign: int, verb: str) -> Obj:
    price, end = item["price"], item["current_period_end"]
    whole = line_amount(price["unit_amount_decimal"], item["quantity"])
    amount = sign * prorated(whole, at=at, start=item["current_period_start"], end=end)
    product = desk.load(price["product"])
    quantity = f"{item['quantity']} × " if item["quantity"] != 1 else ""
    name = product["name"] if product and not product.get("deleted") else price["product"]
    made = make_item(
        desk,
        desk.need("customer", sub["customer"]),
        {
            "amount": amount,
            "currency": price["currency"],
            "description": f"{verb} {quantity}{name} after {day_text(at)}",
            "discountable": False,
            "metadata": {},
            "parent": _parent(sub, item),
            "period": {"start": at, "end": end},
            "pricing": pricing_of(price),
            "proration": True,
            "proration_details": {"discount_amounts": []},
            "quantity": item["quantity"],
        },
    )
    desk.emit("invoiceitem.created", made)
    return made


def _parent(sub: Obj, item: Obj) -> Obj:
    details = {"subscription": sub["id"], "subscription_item": item["id"]}
    return {"type": "subscription_details", "subscription_details": details}
