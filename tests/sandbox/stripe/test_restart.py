"""The state outlives the process, however it ends."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import stripe

from tests.sandbox.stripe.world import World, at

if TYPE_CHECKING:
    from tests.sandbox.stripe.running import Running

JANUARY, MARCH = at(1), at(3)


def test_sigterm_stops_at_once_and_cleanly(own_sandbox: Running) -> None:
    client = own_sandbox.client()
    client.v1.customers.list()
    began = time.monotonic()

    own_sandbox.stop()

    assert time.monotonic() - began < 2


def test_nothing_is_lost_in_a_crash(own_sandbox: Running) -> None:
    world = World(own_sandbox)
    sub = world.subscribe(world.customer(world.clock(JANUARY)))
    key: stripe.RequestOptions = {"idempotency_key": "once"}
    made = world.v1.customers.create({"name": "Ada"}, key)

    own_sandbox.kill()
    own_sandbox.start()

    assert world.v1.subscriptions.retrieve(sub.id) == sub
    assert world.v1.customers.create({"name": "Ada"}, key).id == made.id


def test_an_advancing_clock_goes_on_after_a_crash(own_sandbox: Running) -> None:
    world = World(own_sandbox)
    clock = world.clock(JANUARY)
    customer = world.customer(clock)
    subs = [world.subscribe(customer).id for _ in range(10)]

    world.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": MARCH})
    time.sleep(0.05)
    own_sandbox.kill()
    own_sandbox.start()
    while world.v1.test_helpers.test_clocks.retrieve(clock).status != "ready":
        time.sleep(0.01)

    for sub in subs:
        invoices = world.v1.invoices.list({"subscription": sub}).data
        assert [(invoice.status, invoice.created) for invoice in invoices] == [
            ("draft", MARCH),
            ("paid", at(2)),
            ("paid", JANUARY),
        ]


def test_a_crash_leaves_no_half_operation(own_sandbox: Running) -> None:
    world = World(own_sandbox)
    customer, price = world.customer(world.clock(JANUARY)), world.plan(2000)

    def subscribe_until_it_dies() -> None:
        try:
            while True:
                world.v1.subscriptions.create({"customer": customer, "items": [{"price": price}]})
        except stripe.StripeError:
            return

    thread = threading.Thread(target=subscribe_until_it_dies)
    thread.start()
    time.sleep(0.4)
    own_sandbox.kill()
    thread.join()
    own_sandbox.start()

    subs = list(world.v1.subscriptions.list({"customer": customer, "limit": 100}).auto_paging_iter())
    invoices = list(world.v1.invoices.list({"customer": customer, "limit": 100}).auto_paging_iter())
    charges = list(world.v1.charges.list({"customer": customer, "limit": 100}).auto_paging_iter())
    assert len(subs) == len(invoices) == len(charges) > 0
    assert {invoice.status for invoice in invoices} == {"paid"}
    assert {sub.latest_invoice for sub in subs} == {invoice.id for invoice in invoices}
