"""Deliveries: signed, filtered, tried again, continued after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import stripe

from tests.sandbox.stripe.world import World, at

if TYPE_CHECKING:
    from tests.sandbox.stripe.receiver import Receiver
    from tests.sandbox.stripe.running import Running

VERSION = "2026-10-28.endive"


def listen(client: stripe.StripeClient, receiver: Receiver, *types: str) -> stripe.WebhookEndpoint:
    params: Any = {"url": receiver.url, "enabled_events": list(types), "api_version": VERSION}
    endpoint = client.v1.webhook_endpoints.create(params)
    assert endpoint.secret
    receiver.secret = endpoint.secret
    return endpoint


def test_events_arrive_signed(world: World, receiver: Receiver) -> None:
    endpoint = listen(world.client, receiver, "*")

    customer = world.v1.customers.create({"name": "Ada"}, {"idempotency_key": f"key-{receiver.url}"})

    receiver.wait(lambda: "customer.created" in receiver.types)
    event = next(event for event in receiver.events if event.type == "customer.created")
    assert (event.api_version, event.livemode, event.pending_webhooks) == (VERSION, False, 1)
    assert event.data.object["id"] == customer.id
    assert event.request is not None
    assert event.request.idempotency_key == f"key-{receiver.url}"
    world.v1.webhook_endpoints.delete(endpoint.id)


def test_the_secret_is_told_once(world: World, receiver: Receiver) -> None:
    endpoint = listen(world.client, receiver, "invoice.paid")

    again = world.v1.webhook_endpoints.retrieve(endpoint.id)

    assert "secret" not in again
    assert endpoint.secret is not None
    assert endpoint.secret.startswith("whsec_")
    disabled = world.v1.webhook_endpoints.update(endpoint.id, {"disabled": True})
    assert disabled.status == "disabled"
    assert world.v1.webhook_endpoints.delete(endpoint.id).deleted is True


def test_only_the_wanted_types_arrive(world: World, receiver: Receiver) -> None:
    endpoint = listen(world.client, receiver, "invoice.paid", "customer.subscription.created")

    world.subscribe(world.customer(world.clock(at(1))))

    receiver.wait(lambda: len(receiver.events) == 2)
    assert set(receiver.types) == {"invoice.paid", "customer.subscription.created"}
    world.v1.webhook_endpoints.delete(endpoint.id)


def test_an_unknown_type_cannot_be_wanted(world: World, receiver: Receiver) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="must be one of"):
        listen(world.client, receiver, "invoice.dreamt")


def test_a_failure_is_tried_again_with_a_new_signature(world: World, receiver: Receiver) -> None:
    receiver.answers = [500, 302]
    endpoint = listen(world.client, receiver, "product.created")

    world.v1.products.create({"name": "Again"})

    receiver.wait(lambda: len(receiver.events) == 1)
    assert len(receiver.attempts) == 3
    assert len({header.partition(",")[0] for header in receiver.attempts}) == 3
    world.v1.webhook_endpoints.delete(endpoint.id)


def test_deliveries_go_on_after_a_crash(own_sandbox: Running, receiver: Receiver) -> None:
    client = own_sandbox.client()
    listen(client, receiver, "product.created")
    receiver.answers = [500]
    product = client.v1.products.create({"name": "Late"})
    receiver.wait(lambda: len(receiver.attempts) == 1)

    own_sandbox.kill()
    own_sandbox.start()

    receiver.wait(lambda: len(receiver.events) == 1)
    assert receiver.events[0].data.object["id"] == product.id
