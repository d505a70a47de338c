"""What the golden flows need: a clock, a customer with a card, plans, and the events that happened since."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    import stripe

    from tests.sandbox.stripe.running import Running

ASYNCHRONOUS = ("charge.updated", "test_helpers.")
CARD = {"email": "ada@example.com", "number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123", "name": "Ada"}


def at(month: int, day: int = 1, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    """Answer a second of 2026, UTC."""
    return int(datetime(2026, month, day, hour, minute, second, tzinfo=UTC).timestamp())


class World:
    """One test's view of a server that other tests have used before."""

    def __init__(self, sandbox: Running) -> None:
        """Begin to listen."""
        self.sandbox = sandbox
        self.client = sandbox.client()
        self.v1 = self.client.v1
        product = self.v1.products.create({"name": "Pro"})
        self.product = product.id
        self.last = self.v1.events.list({"limit": 1}).data[0].id

    def clock(self, now: int) -> str:
        """Make a test clock."""
        return self.v1.test_helpers.test_clocks.create({"frozen_time": now}).id

    def customer(self, clock: str, card: str | None = "pm_card_visa") -> str:
        """Make a customer on a clock, with a default card."""
        customer = self.v1.customers.create({"email": "ada@example.com", "name": "Ada", "test_clock": clock})
        if card:
            method = self.v1.payment_methods.attach(card, {"customer": customer.id})
            settings: Any = {"invoice_settings": {"default_payment_method": method.id}}
            self.v1.customers.update(customer.id, settings)
        return customer.id

    def plan(self, cents: int) -> str:
        """Make a monthly price."""
        price = self.v1.prices.create(
            {"product": self.product, "currency": "usd", "unit_amount": cents, "recurring": {"interval": "month"}}
        )
        return price.id

    def subscribe(self, customer: str, cents: int = 2000, **more: Any) -> stripe.Subscription:
        """Subscribe with the saved card."""
        params: Any = {"customer": customer, "items": [{"price": self.plan(cents)}], **more}
        return self.v1.subscriptions.create(params)

    def advance(self, clock: str, to: int) -> None:
        """Move a clock and wait until it has arrived."""
        self.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": to})
        deadline = time.monotonic() + 20
        while self.v1.test_helpers.test_clocks.retrieve(clock).status != "ready":
            assert time.monotonic() < deadline, "the clock did not arrive"
            time.sleep(0.01)

    def settle(self) -> None:
        """Wait until what a call made due at once has happened."""
        time.sleep(0.3)

    def forget(self) -> None:
        """Listen anew: the next `events` begin here."""
        self.last = self.v1.events.list({"limit": 1}).data[0].id

    def events(self) -> list[stripe.Event]:
        """Answer the events since the last call, oldest first, without those that come when they like."""
        page = self.v1.events.list({"ending_before": self.last, "limit": 100})
        found = list(reversed(page.data))
        if found:
            self.last = found[-1].id
        return [event for event in found if not event.type.startswith(ASYNCHRONOUS)]

    def types(self) -> list[str]:
        """Answer the types of the events since the last call."""
        return [event.type for event in self.events()]

    def pay_page(self, session: stripe.checkout.Session, **fields: str) -> httpx2.Response:
        """Send the Checkout form."""
        assert session.url
        return httpx2.post(session.url, data=CARD | fields, trust_env=False)
