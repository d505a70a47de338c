"""The invoices that are billed at once: of a first period, of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.lifecycle.collect import collect, intent_of, method_for
from sandbox.stripe.lifecycle.finalize import finalize
from sandbox.stripe.lifecycle.payments import Decline, will_decline

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk
    from sandbox.stripe.values import Obj


def bill_now(desk: Desk, invoice: Obj, *, pay: bool, off_session: bool, automatic: bool = True) -> Decline | None:
    """Finalize a draft and, if asked, charge it in the same breath; answer why that failed."""
    desk.emit("invoice.created", invoice)
    finalize(desk, invoice)
    if invoice["status"] == "open" and pay:
        return collect(desk, invoice, method_for(desk, invoice), automatic=automatic, off_session=off_session)
    return None


def raise_if_refused(desk: Desk, invoice: Obj, decline: Decline | None) -> None:
    """Refuse the whole call with 402, and so undo it, because the money did not come."""
    intent = intent_of(desk, invoice)
    if intent is None or intent["status"] == "succeeded":
        return
    if decline is None:
        decline = Decline("subscription_payment_intent_requires_action", None, "Payment requires action.")
    raise decline.error(desk, intent, keep=False)


def can_pay(method: Obj | None, *, off_session: bool) -> bool:
    """Answer whether a charge on this card will go through."""
    return method is not None and not will_decline(method, off_session=off_session)
