"""When something will happen to an object by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.stripe.values import Obj

HOUR = 3600
FIRST_PAYMENT = 23 * HOUR
SETTLEMENT = 2


def due_at(obj: Obj) -> int | None:
    """Answer the next second at which time alone changes this object, None if only a call can."""
    rule = RULES.get(obj["object"])
    return rule(obj) if rule else None


def _subscription(sub: Obj) -> int | None:
    if sub["status"] == "incomplete":
        return int(sub["created"]) + FIRST_PAYMENT
    if sub["status"] not in ("active", "past_due", "unpaid"):
        return None
    end = int(sub["items"]["data"][0]["current_period_end"])
    moments = [end, sub["cancel_at"], sub["pending_update"] and sub["pending_update"]["expires_at"]]
    return min(int(moment) for moment in moments if moment is not None)


def _invoice(invoice: Obj) -> int | None:
    if not invoice["auto_advance"]:
        return None
    moments = {"draft": invoice["automatically_finalizes_at"], "open": invoice["next_payment_attempt"]}
    moment: int | None = moments.get(invoice["status"])
    return moment


def _session(session: Obj) -> int | None:
    return int(session["expires_at"]) if session["status"] == "open" else None


def _charge(charge: Obj) -> int | None:
    waits = charge["status"] == "succeeded" and charge["balance_transaction"] is None
    return int(charge["_"]["made"]) + SETTLEMENT if waits else None


RULES = {"subscription": _subscription, "invoice": _invoice, "checkout.session": _session, "charge": _charge}
