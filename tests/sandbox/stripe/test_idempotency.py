"""Idempotency keys: one effect, one answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx2
import pytest
import stripe

from tests.sandbox.stripe.running import KEY
from tests.sandbox.stripe.world import World, at


def post(world: World, path: str, key: str, text: str) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": key}
    return httpx2.post(f"{world.sandbox.url}{path}", content=text, headers=headers, trust_env=False)


def test_the_first_answer_is_given_again(world: World) -> None:
    key = str(uuid4())

    first, second = (post(world, "/v1/customers", key, "name=Ada") for _ in range(2))

    assert first.json() == second.json()
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert first.headers["request-id"] == second.headers["request-id"]


def test_a_key_is_for_one_request(world: World) -> None:
    key = str(uuid4())
    world.v1.customers.create({"name": "Ada"}, {"idempotency_key": key})

    with pytest.raises(stripe.IdempotencyError):
        world.v1.customers.create({"name": "Ben"}, {"idempotency_key": key})


def test_a_decline_is_replayed(world: World) -> None:
    customer = world.customer(world.clock(at(1)), card="pm_card_chargeCustomerFail")
    draft = world.v1.invoices.create({"customer": customer, "currency": "usd"})
    world.v1.invoices.add_lines(str(draft.id), {"lines": [{"amount": 700, "description": "tokens"}]})
    world.v1.invoices.finalize_invoice(str(draft.id), {"auto_advance": False})
    key = str(uuid4())

    first, second = (post(world, f"/v1/invoices/{draft.id}/pay", key, "") for _ in range(2))

    assert (first.status_code, first.json()) == (402, second.json())
    assert second.headers["idempotent-replayed"] == "true"
    error = first.json()["error"]
    assert (error["type"], error["code"], error["decline_code"]) == ("card_error", "card_declined", "generic_decline")
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert error["payment_method"]["card"]["last4"] == "0341"
    charges = world.v1.charges.list({"customer": customer}).data
    assert [charge.id for charge in charges] == [error["charge"]]


def test_a_malformed_request_does_not_use_the_key_up(world: World) -> None:
    key = str(uuid4())
    assert post(world, "/v1/customers", key, "nme=Ada").status_code == 400

    assert post(world, "/v1/customers", key, "name=Ada").status_code == 200


def test_twins_make_one_object(world: World) -> None:
    key, name = str(uuid4()), f"{uuid4()}@example.com"

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: post(world, "/v1/customers", key, f"email={name}"), range(12)))

    assert {answer.status_code for answer in answers} <= {200, 409}
    refused = [answer.json()["error"] for answer in answers if answer.status_code == 409]
    assert all(error["code"] == "idempotency_key_in_use" for error in refused)
    assert len(world.v1.customers.list({"email": name}).data) == 1
