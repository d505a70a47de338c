"""`expand[]`: ids become the objects they name, up to four levels deep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.errors import invalid, not_here
from sandbox.stripe.present import list_object, present
from sandbox.stripe.shapes import CLASSES, ON_DEMAND, fields_of
from sandbox.stripe.values import Obj, hidden, public

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.stripe.desk import Desk

DEPTH = 4


def expand(desk: Desk, answer: Obj, paths: list[str]) -> Obj:
    """Replace what the paths name, in place, and answer it."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEPTH + (steps[0] == "data"):
            raise invalid(f"You cannot expand more than {DEPTH} levels of a property: {path}", param="expand")
        _walk(desk, answer, steps, path)
    return answer


def _walk(desk: Desk, obj: Obj, steps: list[str], path: str) -> None:
    step, rest = steps[0], steps[1:]
    value = _value(desk, obj, step, path)
    if isinstance(value, str):
        value = _object(desk, value, path)
    obj[step] = value
    if not rest:
        return
    for inner in value if isinstance(value, list) else [value]:
        if isinstance(inner, dict):
            _walk(desk, inner, rest, path)


def _value(desk: Desk, obj: Obj, step: str, path: str) -> object:
    if step in obj and obj[step] is not None:
        return obj[step]
    kind = obj.get("object", "")
    if step in ON_DEMAND.get(kind, ()):
        if (kind, step) not in INCLUDED:
            raise not_here(f"Expanding `{path}`")
        return INCLUDED[kind, step](desk, obj)
    if step not in obj and (kind not in CLASSES or step not in fields_of(CLASSES[kind])):
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    return None


def _object(desk: Desk, ident: str, path: str) -> Obj:
    found = desk.load(ident)
    if found is None and ident.startswith("txn_"):
        raise not_here(f"Expanding `{path}`")
    if found is None:
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    return present(desk, found)


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
