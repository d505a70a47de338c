"""`expand[]`: ids become the objects they name, up to four levels deep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.errors import StripeError, invalid, not_here
from sandbox.stripe.present import list_object, present
from sandbox.stripe.shapes import CLASSES, ON_DEMAND, fields_of
from sandbox.stripe.values import Obj, hidden, public

if TYPE_CHECKING:
    from collections.abc import Callable

    from stripe import StripeObject

    from sandbox.stripe.desk import Desk

DEPTH = 4


def expand(desk: Desk, answer: Obj, paths: list[str]) -> Obj:
    """Replace what the paths name, in place, and answer it."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEPTH + (steps[0] == "data"):
            raise invalid(f"You cannot expand more than {DEPTH} levels of a property: {path}", param="expand")
        _walk(desk, answer, None, steps, path)
    return answer


def _walk(desk: Desk, obj: Obj, cls: type[StripeObject] | None, steps: list[str], path: str) -> None:
    """Go one step into a hash; `cls` describes it where it does not name its own kind."""
    step, rest = steps[0], steps[1:]
    kind = obj.get("object", "")
    if kind != "list":
        cls = CLASSES.get(kind, cls)
        obj[step] = _value(desk, obj, cls, step, path)
    inner = fields_of(cls)[step].nested if cls and kind != "list" else None
    value = obj.get(step)
    for one in value if isinstance(value, list) else [value]:
        if rest and isinstance(one, dict):
            _walk(desk, one, inner, rest, path)


def _value(desk: Desk, obj: Obj, cls: type[StripeObject] | None, step: str, path: str) -> object:
    kind, value = obj.get("object", ""), obj.get(step)
    if cls is None or step not in fields_of(cls):
        raise _refusal(path)
    if value is None and step in ON_DEMAND.get(kind, ()):
        if (kind, step) not in INCLUDED:
            raise not_here(f"Expanding `{path}`")
        return INCLUDED[kind, step](desk, obj)
    if not isinstance(value, str):
        return value
    if not fields_of(cls)[step].expandable:
        raise _refusal(path)
    return _object(desk, value, path)


def _object(desk: Desk, ident: str, path: str) -> Obj:
    found = desk.load(ident)
    if found is None:
        raise not_here(f"Expanding `{path}`")
    return present(desk, found)


def _refusal(path: str) -> StripeError:
    return invalid(f"This property cannot be expanded ({path}).", param="expand")


def _payments(desk: Desk, invoice: Obj) -> Obj:
    payments = [public(payment) for payment in desk.find("invoice_payment", invoice=invoice["id"])]
    return list_object(payments, url=f"/v1/invoice_payments?invoice={invoice['id']}")


def _secret(desk: Desk, invoice: Obj) -> Obj | None:
    for payment in desk.find("invoice_payment", invoice=invoice["id"], status="open"):
        intent = desk.need("payment_intent", payment["payment"]["payment_intent"])
        return {"client_secret": intent["client_secret"], "type": "payment_intent"}
    return None


def _items(desk: Desk, session: Obj) -> Obj:
    items = hidden(desk.need("checkout.session", session["id"]))["items"]
    return list_object(items, url=f"/v1/checkout/sessions/{session['id']}/line_items")


def _refunds(desk: Desk, charge: Obj) -> Obj:
    refunds = [public(refund) for refund in reversed(desk.find("refund", charge=charge["id"]))]
    return list_object(refunds, url=f"/v1/charges/{charge['id']}/refunds")


def _subscriptions(desk: Desk, customer: Obj) -> Obj:
    live = [sub for sub in desk.find("subscription", customer=customer["id"]) if sub["status"] != "canceled"]
    shown = [present(desk, sub) for sub in reversed(live)]
    return list_object(shown, url=f"/v1/customers/{customer['id']}/subscriptions")


def _nothing(part: str) -> Callable[[Desk, Obj], Obj]:
    return lambda _desk, customer: list_object([], url=f"/v1/customers/{customer['id']}/{part}")


INCLUDED: dict[tuple[str, str], Callable[[Desk, Obj], Obj | None]] = {
    ("invoice", "payments"): _payments,
    ("invoice", "confirmation_secret"): _secret,
    ("checkout.session", "line_items"): _items,
    ("charge", "refunds"): _refunds,
    ("customer", "subscriptions"): _subscriptions,
    ("customer", "sources"): _nothing("sources"),
    ("customer", "tax_ids"): _nothing("tax_ids"),
}
