"""The shape of every object, taken from the annotations of the SDK's resource classes.

Stripe sends nullable fields as null and leaves out what must be asked for by `expand`. Both matter to callers: the
SDK raises `AttributeError` for a field that was not sent, and a field too many would hide a mistake.
"""

from __future__ import annotations

import types
from typing import Any, ForwardRef, Literal, NamedTuple, Union, get_args, get_origin

import stripe
from stripe import checkout, test_helpers

from sandbox.stripe.values import HIDDEN, Obj

CLASSES: dict[str, type[stripe.StripeObject]] = {
    "charge": stripe.Charge,
    "checkout.session": checkout.Session,
    "customer": stripe.Customer,
    "event": stripe.Event,
    "invoice": stripe.Invoice,
    "invoice_payment": stripe.InvoicePayment,
    "invoiceitem": stripe.InvoiceItem,
    "item": stripe.LineItem,
    "line_item": stripe.InvoiceLineItem,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "plan": stripe.Plan,
    "price": stripe.Price,
    "product": stripe.Product,
    "refund": stripe.Refund,
    "setup_intent": stripe.SetupIntent,
    "subscription": stripe.Subscription,
    "subscription_item": stripe.SubscriptionItem,
    "test_helpers.test_clock": test_helpers.TestClock,
    "webhook_endpoint": stripe.WebhookEndpoint,
}
# Sent only when asked for by `expand` (or, for `deleted`, only on a deleted object; `secret`, only on create).
ON_DEMAND: dict[str, frozenset[str]] = {
    "charge": frozenset({"refunds", "level3"}),
    "checkout.session": frozenset({"line_items"}),
    "customer": frozenset(
        {"cash_balance", "invoice_credit_balance", "sources", "subscriptions", "tax", "tax_ids"},
    ),
    "event": frozenset({"account", "context"}),
    "invoice": frozenset({"confirmation_secret", "payments"}),
    "plan": frozenset({"tiers"}),
    "price": frozenset({"currency_options", "tiers"}),
    "webhook_endpoint": frozenset({"secret"}),
}
# Hashes that hold one member per payment method type, of which Stripe sends only the one that applies.
ONE_OF_MANY = frozenset(
    {"DestinationDetails", "LastPaymentError", "LastSetupError", "NextAction", "PaymentMethod", "PaymentMethodDetails"}
    | {"PaymentMethodOptions"}
)
SIMPLE: dict[Any, Any] = {bool: False, int: 0, str: "", float: 0.0}


class Field(NamedTuple):
    """One annotated field: may it be null, which nested class describes it, what it is when nobody sets it."""

    nullable: bool
    nested: type[stripe.StripeObject] | None
    plural: bool
    expandable: bool
    default: Any


def make(name: str, /, **given: Any) -> Obj:
    """Answer a whole object of this kind: what is given, and null or empty for the rest. Refuse unknown fields."""
    hidden = given.pop(HIDDEN, None)
    given.setdefault("object", name)
    if "livemode" in CLASSES[name].__annotations__:
        given.setdefault("livemode", False)
    obj = fill(CLASSES[name], given, left_out=ON_DEMAND.get(name, frozenset()))
    return obj if hidden is None else obj | {HIDDEN: hidden}


def fill(cls: type[stripe.StripeObject], given: Obj, *, left_out: frozenset[str] = frozenset()) -> Obj:
    """Complete a hash by the annotations of its class, recursively."""
    fields = fields_of(cls)
    unknown = given.keys() - fields.keys()
    if unknown:
        message = f"{cls.__qualname__} has no {sorted(unknown)}"
        raise TypeError(message)
    obj: Obj = {}
    for key, field in fields.items():
        if key in given:
            obj[key] = _filled(field, given[key])
        elif key not in left_out and key != "deleted" and not _is_other_type(cls, field):
            obj[key] = _unset(field)
    return obj


def _is_other_type(cls: type, field: Field) -> bool:
    return cls.__name__ in ONE_OF_MANY and field.nullable and (field.nested is not None or cls.__name__[0] in "LN")


def _unset(field: Field) -> Any:
    if field.nested and not field.nullable and not field.plural:
        return fill(field.nested, {})
    return type(field.default)() if isinstance(field.default, list | dict) else field.default


def _filled(field: Field, value: Any) -> Any:
    if field.nested is None or value is None:
        return value
    if field.plural:
        return [fill(field.nested, item) for item in value]
    return fill(field.nested, value) if isinstance(value, dict) else value


def fields_of(cls: type[stripe.StripeObject]) -> dict[str, Field]:
    """Answer the annotated fields of a resource class or of a class nested in one."""
    if cls not in _FIELDS:
        _FIELDS[cls] = _read_fields(cls)
    return _FIELDS[cls]


_FIELDS: dict[type, dict[str, Field]] = {}


def _read_fields(cls: type[stripe.StripeObject]) -> dict[str, Field]:
    hints = {key: hint for key, hint in cls.__annotations__.items() if not key.isupper() and key[0] != "_"}
    return {key: _field(hint) for key, hint in hints.items()}


def _field(hint: Any) -> Field:
    arms = [arm for arm in _arms(hint) if arm is not type(None)]
    nullable = len(arms) < len(_arms(hint))
    plural = any(get_origin(arm) is list for arm in arms)
    parts = [part for arm in arms for inner in (get_args(arm) if plural else [arm]) for part in _arms(inner)]
    nested = next((part for part in parts if _is_nested(part)), None)
    expandable = str in parts and any(isinstance(part, ForwardRef) for part in parts)
    return Field(nullable, nested, plural, expandable, None if nullable else _default(arms[0]))


def _arms(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _is_nested(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, stripe.StripeObject) and "." in part.__qualname__


def _default(arm: Any) -> Any:
    origin = get_origin(arm)
    if origin is list:
        return []
    if origin is Literal:
        return get_args(arm)[0]
    if isinstance(arm, ForwardRef | str):
        return None
    return SIMPLE.get(arm, {} if "UntypedStripeObject" in str(arm) else None)
