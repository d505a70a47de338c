"""Every answered object against the fields and types that the SDK's resource classes annotate, recursively."""

from __future__ import annotations

import types
from decimal import Decimal
from functools import cache
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import httpx2
import pytest
import stripe
from stripe._object_classes import get_object_class

from tests.sandbox.stripe.running import KEY
from tests.sandbox.stripe.world import World, at

JANUARY, FEBRUARY = at(1), at(2)
# What Stripe sends only on demand (`expand`), only when deleted, only on create, or only to Connect platforms.
LEFT_OUT = {
    "Charge": {"refunds", "level3"},
    "Session": {"line_items"},
    "Customer": {"cash_balance", "invoice_credit_balance", "sources", "subscriptions", "tax", "tax_ids"},
    "Event": {"account", "context"},
    "Event.Data": {"previous_attributes"},
    "Invoice": {"confirmation_secret", "payments"},
    "Plan": {"tiers"},
    "Price": {"currency_options", "tiers"},
    "WebhookEndpoint": {"secret"},
}
# Hashes with a member per kind of payment method, of which one is sent.
SPARSE = ("PaymentMethod", "PaymentMethodDetails", "PaymentMethodOptions", "DestinationDetails", "NextAction")
ERRORS = ("LastPaymentError", "LastSetupError")


class Walk:
    """Collects what is wrong with an answer."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.seen: set[str] = set()

    def object(self, value: dict[str, Any], where: str) -> None:
        """Check a top-level object by its own `object` name."""
        name = value["object"]
        if name == "list":
            for index, item in enumerate(value["data"]):
                self.object(item, f"{where}[{index}]")
            return
        if value.get("deleted"):
            assert value.keys() == {"id", "object", "deleted"}, where
            return
        self.seen.add(name)
        self.hash(class_of(name), value, name)

    def hash(self, cls: type[stripe.StripeObject], value: dict[str, Any], where: str) -> None:
        fields = annotated(cls)
        for extra in value.keys() - fields.keys():
            self.faults.append(f"{where}.{extra} is no field of {cls.__qualname__}")
        for name, hint in fields.items():
            if name in value:
                self.value(hint, value[name], f"{where}.{name}")
            elif not may_lack(cls, name, hint):
                self.faults.append(f"{where}.{name} is missing")

    def value(self, hint: Any, value: Any, where: str) -> None:
        if not any(self.fits(arm, value, where) for arm in arms_of(hint)):
            self.faults.append(f"{where} is {value!r}, not {hint}")

    def fits(self, arm: Any, value: Any, where: str) -> bool:
        """Answer whether a value is of one arm of a union; descend into what it contains."""
        origin = get_origin(arm)
        if value is None or arm is type(None):
            return value is None and arm is type(None)
        if origin is Literal:
            return value in get_args(arm)
        if origin is list:
            return isinstance(value, list) and all(self.item(get_args(arm)[0], item, where) for item in value)
        if isinstance(value, dict):
            return self.nested(arm, value, where)
        if arm is Decimal:
            return isinstance(value, str) and Decimal(value).is_finite()
        return isinstance(arm, type) and type(value) is arm

    def item(self, hint: Any, value: Any, where: str) -> bool:
        self.value(hint, value, f"{where}[]")
        return True

    def nested(self, arm: Any, value: dict[str, Any], where: str) -> bool:
        text = str(arm)
        if "UntypedStripeObject" in text or "ListObject" in text:
            if value.get("object") == "list":
                self.object(value, where)
            return True
        if isinstance(arm, ForwardRef | str):
            self.object(value, where)
            return True
        if isinstance(arm, type) and issubclass(arm, stripe.StripeObject):
            self.hash(arm, value, where)
            return True
        return False


@cache
def class_of(name: str) -> type[stripe.StripeObject]:
    return get_object_class("V1", name)


def annotated(cls: type[stripe.StripeObject]) -> dict[str, Any]:
    return {name: hint for name, hint in cls.__annotations__.items() if not name.isupper() and name[0] != "_"}


def arms_of(hint: Any) -> list[Any]:
    if get_origin(hint) not in (Union, types.UnionType):
        return [hint]
    arms = [inner for arm in get_args(hint) for inner in arms_of(arm)]
    # Enumerations are open (`Literal[...] | str`) so that new values do not break callers; here they are closed.
    closed = any(get_origin(arm) is Literal for arm in arms)
    return [arm for arm in arms if not (closed and arm is str)]


def may_lack(cls: type, name: str, hint: Any) -> bool:
    optional = type(None) in arms_of(hint)
    if name == "deleted" or name in LEFT_OUT.get(cls.__qualname__, ()):
        return True
    if cls.__name__ in ERRORS:
        return optional
    own_kind = any(isinstance(arm, type) and "." in getattr(arm, "__qualname__", "") for arm in arms_of(hint))
    return cls.__name__ in SPARSE and optional and (own_kind or cls.__name__ == "NextAction")


def raw(world: World, path: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {KEY}"}
    answer: dict[str, Any] = httpx2.get(f"{world.sandbox.url}{path}", headers=headers, trust_env=False).json()
    assert "error" not in answer, answer
    return answer


@pytest.fixture
def busy(world: World) -> tuple[World, list[str]]:
    """A world in which something of every kind has happened, and the lists that show it."""
    v1, clock = world.v1, world.clock(JANUARY)
    customer = world.customer(clock)
    sub = world.subscribe(customer)
    item: Any = {"id": sub["items"].data[0].id, "price": world.plan(5000)}
    world.advance(clock, at(1, 16, 12))
    v1.subscriptions.update(sub.id, {"items": [item], "proration_behavior": "always_invoice"})
    v1.invoice_items.create({"customer": customer, "amount": 5, "currency": "usd", "subscription": sub.id})
    bad = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    v1.customers.update(customer, {"invoice_settings": {"default_payment_method": bad.id}})
    world.advance(clock, FEBRUARY)
    draft = v1.invoices.list({"status": "draft", "customer": customer}).data[0]
    price: Any = {"currency": "usd", "product": world.product, "unit_amount": 3}
    v1.invoices.add_lines(str(draft.id), {"lines": [{"price_data": price, "quantity": 40}, {"amount": -7}]})
    world.advance(clock, FEBRUARY + 3600)
    lost = world.subscribe(customer)
    v1.invoices.void_invoice(str(lost.latest_invoice))
    v1.invoices.mark_uncollectible(str(world.subscribe(customer).latest_invoice))
    v1.payment_intents.create(
        {"amount": 99, "currency": "usd", "confirm": True, "payment_method": "pm_card_authenticationRequired"}
    )
    params: Any = {"mode": "payment", "success_url": "https://x.example", "invoice_creation": {"enabled": True}}
    params |= {"line_items": [{"price_data": price | {"unit_amount": 300}, "quantity": 1}], "customer": customer}
    v1.customers.create()
    setup = v1.checkout.sessions.create({"mode": "setup", "currency": "usd", "success_url": "https://x.example"})
    session = v1.checkout.sessions.create(params)
    world.pay_page(session)
    intent = v1.checkout.sessions.retrieve(session.id).payment_intent
    v1.refunds.create({"payment_intent": str(intent), "amount": 100})
    for number in ("4000000000000002", "4242424242424242"):
        world.pay_page(setup, number=number)
    ended = world.subscribe(world.customer(clock))
    v1.subscriptions.update(ended.id, {"cancel_at_period_end": True})
    v1.subscriptions.cancel(ended.id)
    endpoint = v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/x", "enabled_events": ["charge.expired"]})
    v1.webhook_endpoints.update(endpoint.id, {"description": "x"})
    return world, [path.format(clock=clock) for path in LISTS]


LISTS = [
    "customers?test_clock={clock}",
    "customers",
    "products",
    "prices",
    "payment_methods",
    "checkout/sessions",
    "subscriptions?status=all&test_clock={clock}",
    "invoices",
    "invoiceitems",
    "invoice_payments",
    "payment_intents",
    "charges",
    "refunds",
    "setup_intents",
    "events",
    "webhook_endpoints",
    "test_helpers/test_clocks",
]
EXPANDED = (
    "checkout/sessions?expand[]=data.line_items",
    "invoices?expand[]=data.payments&expand[]=data.customer",
    "charges?expand[]=data.refunds&expand[]=data.payment_intent",
    "customers?expand[]=data.subscriptions",
)


def test_every_object_has_the_annotated_fields_and_types(busy: tuple[World, list[str]]) -> None:
    world, lists = busy
    walk = Walk()

    for path in (*lists, *EXPANDED):
        page = raw(world, f"/v1/{path}{'&' if '?' in path else '?'}limit=100")
        assert page["data"], path
        walk.object(page, path)
    for event in raw(world, "/v1/events?limit=100")["data"]:
        walk.object(event["data"]["object"], event["type"])

    assert sorted(set(walk.faults)) == []
    assert len(walk.seen) == 20


def test_nothing_is_live(busy: tuple[World, list[str]]) -> None:
    world, lists = busy

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            assert value.get("livemode", False) is False
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    for path in lists:
        walk(raw(world, f"/v1/{path}{'&' if '?' in path else '?'}limit=100"))
