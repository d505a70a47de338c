"""Changing what a subscription is for, within its period."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, NamedTuple

from sandbox.stripe.lifecycle.billing import bill_now, can_pay, raise_if_refused
from sandbox.stripe.lifecycle.collect import method_for
from sandbox.stripe.lifecycle.drafts import new_draft, sweep_pending
from sandbox.stripe.lifecycle.pending import set_pending
from sandbox.stripe.lifecycle.prorate import credit_unused, debit_remaining

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk
    from sandbox.stripe.values import Obj


class Terms(NamedTuple):
    """How a change is billed: `at` is the second from which the new price counts."""

    proration: str
    payment: str
    at: int
    off_session: bool = False


def change_items(desk: Desk, sub: Obj, items: list[Obj], terms: Terms, rest: Obj) -> None:
    """Give a subscription these items (and the other fields `rest`), prorating what is left of the period."""
    before = copy.deepcopy(sub["items"]["data"])
    if terms.proration != "none":
        prorate_change(desk, sub, before, items, at=terms.at)
    if terms.proration != "always_invoice":
        with desk.changing(sub, "customer.subscription.updated"):
            sub |= rest
            sub["items"]["data"] = items
        return
    _change_and_bill(desk, sub, items, terms, rest)


def prorate_change(desk: Desk, sub: Obj, before: list[Obj], after: list[Obj], *, at: int) -> None:
    """Credit what is left of each item that goes or changes, and charge what is left of its successor."""
    old, new = ({item["id"]: item for item in items} for items in (before, after))
    for ident in old | new:
        if ident in old and ident in new and _same(old[ident], new[ident]):
            continue
        if ident in old:
            credit_unused(desk, sub, old[ident], at=at)
        if ident in new:
            debit_remaining(desk, sub, new[ident], at=at)


def _same(one: Obj, other: Obj) -> bool:
    return bool(one["price"]["id"] == other["price"]["id"] and one["quantity"] == other["quantity"])


def _change_and_bill(desk: Desk, sub: Obj, items: list[Obj], terms: Terms, rest: Obj) -> None:
    invoice = change_draft(desk, sub, at=terms.at)
    waits = (
        terms.payment == "pending_if_incomplete"
        and invoice["amount_due"] > 0
        and not can_pay(method_for(desk, invoice), off_session=terms.off_session)
    )
    if waits:
        set_pending(desk, sub, items=items, invoice=invoice)
    else:
        with desk.changing(sub, "customer.subscription.updated"):
            sub |= rest
            sub["items"]["data"] = items
            sub["latest_invoice"] = invoice["id"]
    pay = terms.payment != "default_incomplete"
    decline = bill_now(desk, invoice, pay=pay, off_session=terms.off_session, automatic=not waits)
    if terms.payment == "error_if_incomplete":
        raise_if_refused(desk, invoice, decline)


def change_draft(desk: Desk, sub: Obj, *, at: int) -> Obj:
    """Draft the invoice of a change, with everything that is pending."""
    invoice = new_draft(
        desk,
        desk.need("customer", sub["customer"]),
        reason="subscription_update",
        currency=sub["currency"],
        period=(at, at),
        subscription=sub,
        automatically_finalizes_at=None,
    )
    invoice["parent"]["subscription_details"]["subscription_proration_date"] = at
    desk.save(invoice)
    # Flexible billing sweeps everything that is pending into the invoice of a change.
    sweep_pending(desk, invoice, subscription=sub["id"])
    return invoice
