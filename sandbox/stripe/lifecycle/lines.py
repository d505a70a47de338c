"""Invoice items and the lines that they become."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.money import line_amount, money_text
from sandbox.stripe.present import lines_of
from sandbox.stripe.values import Obj, clock_of

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk


def make_item(desk: Desk, customer: Obj, fields: Obj) -> Obj:
    """Make an invoice item, pending until an invoice takes it; the caller tells of it."""
    quantity = fields.pop("quantity", 1)
    return desk.add(
        "invoiceitem",
        "ii_",
        clock=customer["test_clock"],
        customer=customer["id"],
        date=desk.now(customer["test_clock"]),
        net_amount=fields["amount"],
        quantity=quantity,
        quantity_decimal=str(quantity),
        test_clock=customer["test_clock"],
        discounts=[],
        tax_rates=[],
        **fields,
    )


def take_item(desk: Desk, invoice: Obj, item: Obj) -> Obj:
    """Put an invoice item on a draft, as a line."""
    item["invoice"] = invoice["id"]
    desk.save(item)
    parent, subscription = item["parent"], None
    if parent:
        subscription = parent["subscription_details"]["subscription"]
    details = {"invoice_item": item["id"], "proration": item["proration"], "subscription": subscription}
    if item["proration"]:
        details["proration_details"] = {"credited_items": None}
    return _add_line(
        desk,
        invoice,
        amount=item["amount"],
        description=item["description"],
        discountable=item["discountable"],
        metadata=dict(item["metadata"] or {}),
        parent={"type": "invoice_item_details", "invoice_item_details": details},
        period=item["period"],
        pricing=item["pricing"],
        quantity=item["quantity"],
        subscription=subscription,
    )


def sync_line(desk: Desk, item: Obj) -> None:
    """Bring the line of an edited invoice item up to date."""
    for line in desk.find("line_item", parent__invoice_item_details__invoice_item=item["id"]):
        same = ("amount", "description", "discountable", "metadata", "period", "pricing", "quantity")
        line.update({key: item[key] for key in same})
        line.update(subtotal=item["amount"], quantity_decimal=item["quantity_decimal"])
        desk.save(line)


def add_plan_line(desk: Desk, invoice: Obj, sub: Obj, item: Obj) -> Obj:
    """Put one subscription item on a draft for the item's current period."""
    price = item["price"]
    product = desk.load(price["product"])
    name = product["name"] if product and not product.get("deleted") else price["product"]
    each = f"(at {money_text(price['unit_amount'] or 0, price['currency'])} / {price['recurring']['interval']})"
    details = {"subscription": sub["id"], "subscription_item": item["id"], "proration": False}
    return _add_line(
        desk,
        invoice,
        amount=line_amount(price["unit_amount_decimal"], item["quantity"]),
        description=f"{item['quantity']} × {name} {each}",
        discountable=True,
        metadata=dict(sub["metadata"]),
        parent={"type": "subscription_item_details", "subscription_item_details": details},
        period={"start": item["current_period_start"], "end": item["current_period_end"]},
        pricing=pricing_of(price),
        quantity=item["quantity"],
        subscription=sub["id"],
    )


def pricing_of(price: Obj) -> Obj:
    """Answer how a line refers to its price."""
    details = {"price": price["id"], "product": price["product"]}
    return {"type": "price_details", "price_details": details, "unit_amount_decimal": price["unit_amount_decimal"]}


def _add_line(desk: Desk, invoice: Obj, **fields: object) -> Obj:
    line = desk.add(
        "line_item",
        "il_",
        clock=clock_of(invoice),
        currency=invoice["currency"],
        invoice=invoice["id"],
        discount_amounts=[],
        discounts=[],
        pretax_credit_amounts=[],
        taxes=[],
        subtotal=fields["amount"],
        quantity_decimal=str(fields["quantity"]),
        **fields,
    )
    recompute(desk, invoice)
    return line


def recompute(desk: Desk, invoice: Obj) -> None:
    """Bring a draft's totals up to date with its lines and with the customer's balance."""
    customer = desk.need("customer", invoice["customer"])
    total = sum(line["amount"] for line in lines_of(desk, invoice))
    invoice["starting_balance"] = customer["balance"]
    due = max(0, total + customer["balance"])
    invoice |= dict.fromkeys(("subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax"), total)
    invoice |= {"amount_due": due, "amount_remaining": due}
    desk.save(invoice)
