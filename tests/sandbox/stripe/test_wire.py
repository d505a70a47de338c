"""Keys, versions, parameters and errors, as they go over the wire."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
import stripe

from tests.sandbox.stripe.running import KEY, Running
from tests.sandbox.stripe.world import World


def send(sandbox: Running, method: str, path: str, text: str = "", **headers: str) -> httpx2.Response:
    given = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-www-form-urlencoded"} | headers
    content = text if method == "POST" else None
    return httpx2.request(method, f"{sandbox.url}{path}", content=content, headers=given, trust_env=False)


def error_of(answer: httpx2.Response) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert error["request_log_url"].endswith(answer.headers["request-id"])
    return error


@pytest.mark.parametrize("authorization", ["", "Bearer sk_live_123", "Bearer pk_test_123", "Basic !"])
def test_only_secret_test_keys_are_accepted(sandbox: Running, authorization: str) -> None:
    answer = send(sandbox, "GET", "/v1/customers", Authorization=authorization)

    assert answer.status_code == 401
    assert error_of(answer)["type"] == "invalid_request_error"


def test_the_sdk_raises_authentication_errors(sandbox: Running) -> None:
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        sandbox.client("sk_live_nothing").v1.customers.list()


@pytest.mark.parametrize("key", ["sk_test_any", "rk_test_any"])
def test_every_test_key_is_accepted(sandbox: Running, key: str) -> None:
    assert len(sandbox.client(key).v1.customers.list({"limit": 1}).data) <= 1


def test_another_version_is_refused(sandbox: Running) -> None:
    answer = send(sandbox, "GET", "/v1/customers", **{"Stripe-Version": "2024-06-20"})

    assert answer.status_code == 400
    assert "2024-06-20" in error_of(answer)["message"]


MALFORMED = [
    ("/v1/customers", "nme=x", "parameter_unknown", "nme", "Received unknown parameter: nme"),
    ("/v1/customers", "address[x]=1", "parameter_unknown", "address[x]", "Received unknown parameter: address[x]"),
    ("/v1/products", "", "parameter_missing", "name", "Missing required param: name."),
    ("/v1/products", "name=", "parameter_invalid_empty", "name", "You passed an empty string for 'name'."),
    ("/v1/customers", "balance=ten", "parameter_invalid_integer", "balance", "Invalid integer: ten"),
    ("/v1/invoices", "", "parameter_missing", "customer", "Missing required param: customer."),
    ("/v1/invoices", "customer=cus_x", "resource_missing", "customer", "No such customer: 'cus_x'"),
    ("/v1/customers", "metadata=1", None, "metadata", "Invalid object"),
    ("/v1/invoices/in_x/add_lines", "lines=1", None, "lines", "Invalid array"),
    ("/v1/invoices/in_x/add_lines", "", "parameter_missing", "lines", "Missing required param: lines."),
    ("/v1/products", "name=a&active=yes", None, "active", "Invalid boolean: yes"),
    (
        "/v1/prices",
        "currency=usd&product=p&recurring[interval]=eon",
        None,
        "recurring[interval]",
        "Invalid recurring[interval]: must be one of day, month, week, or year",
    ),
]


@pytest.mark.parametrize("case", MALFORMED, ids=lambda case: case[1] or case[0])
def test_malformed_parameters(sandbox: Running, case: tuple[str, str, str | None, str, str]) -> None:
    path, form, code, param, message = case

    answer = send(sandbox, "POST", path, form)

    error = error_of(answer)
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert error["message"].startswith(message)
    assert (error.get("code"), error["param"]) == (code, param)
    assert (code is None) or error["doc_url"].endswith(code.replace("_", "-"))


def test_an_unknown_object_is_not_found(sandbox: Running) -> None:
    answer = send(sandbox, "GET", "/v1/customers/cus_x")

    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (404, "resource_missing")
    assert error["message"] == "No such customer: 'cus_x'"


@pytest.mark.parametrize(
    ("method", "path", "form"),
    [
        ("GET", "/v1/coupons", ""),
        ("GET", "/v1/customers/search", ""),
        ("POST", "/v1/subscription_schedules", ""),
        ("POST", "/v1/customers", "tax_id_data[0][type]=eu_vat&tax_id_data[0][value]=1"),
        ("POST", "/v1/setup_intents", ""),
        ("POST", "/v1/checkout/sessions", "mode=payment&ui_mode=elements"),
        ("POST", "/v1/checkout/sessions", "mode=payment&automatic_tax[enabled]=true"),
        ("POST", "/v1/subscriptions", "customer=c&items[0][price]=p&trial_period_days=7"),
        ("POST", "/v1/payment_methods/pm_card_createDispute/attach", "customer={customer}"),
    ],
)
def test_what_is_not_here_is_refused(world: World, method: str, path: str, form: str) -> None:
    form = form.format(customer=world.v1.customers.create().id)

    answer = send(world.sandbox, method, path, form)

    assert answer.status_code == 400
    assert error_of(answer)["message"].endswith("is not in the sandbox.")


def test_ui_mode_has_its_new_names(sandbox: Running) -> None:
    answer = send(sandbox, "POST", "/v1/checkout/sessions", "mode=payment&ui_mode=hosted")

    assert "must be one of" in error_of(answer)["message"]


def test_metadata_is_merged_and_unset(world: World) -> None:
    customer = world.v1.customers.create({"metadata": {"a": "1", "b": "2"}, "business_name": "x"})

    changed = world.v1.customers.update(customer.id, {"metadata": {"b": "", "c": "3"}, "business_name": ""})

    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"a": "1", "c": "3"}
    assert changed.business_name is None
    cleared = world.v1.customers.update(customer.id, {"metadata": ""})
    assert cleared.metadata is not None
    assert cleared.metadata.to_dict() == {}


def test_an_update_that_changes_nothing_is_no_event(world: World) -> None:
    customer = world.v1.customers.create({"name": "Ada"})
    world.forget()

    world.v1.customers.update(customer.id, {"name": "Ada"})

    assert world.types() == []


def test_prices_are_found_by_lookup_key(world: World) -> None:
    key = f"pro_{world.product}"
    price: Any = {"product": world.product, "currency": "usd", "unit_amount_decimal": "0.0000001", "lookup_key": key}
    made = world.v1.prices.create(price)

    found = world.v1.prices.list({"lookup_keys": [key], "active": True}).data

    assert [one.id for one in found] == [made.id]
    assert (made.unit_amount, format(made.unit_amount_decimal or 0, "f")) == (None, "0.0000001")
    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        world.v1.prices.create(price)
    moved = world.v1.prices.create(price | {"transfer_lookup_key": True})
    assert (moved.lookup_key, world.v1.prices.retrieve(made.id).lookup_key) == (key, None)


def test_clock_customers_are_listed_by_their_clock_alone(world: World) -> None:
    clock = world.clock(1_767_225_600)
    customer = world.v1.customers.create({"email": f"{clock}@example.com", "test_clock": clock})

    assert world.v1.customers.list({"email": f"{clock}@example.com"}).data == []
    assert [one.id for one in world.v1.customers.list({"test_clock": clock}).data] == [customer.id]
    world.v1.test_helpers.test_clocks.delete(clock)
    assert world.v1.customers.retrieve(customer.id).deleted is True


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ],
)
def test_declining_cards_cannot_be_attached(world: World, card: str, code: str, decline_code: str | None) -> None:
    customer = world.v1.customers.create()

    with pytest.raises(stripe.CardError) as caught:
        world.v1.payment_methods.attach(card, {"customer": customer.id})

    assert caught.value.error is not None
    assert (caught.value.code, caught.value.error.to_dict().get("decline_code")) == (code, decline_code)


def test_cards_come_from_tokens_and_numbers_and_go_for_good(world: World) -> None:
    customer = world.v1.customers.create()
    card: Any = {"number": "5555555555554444", "exp_month": 1, "exp_year": 2031, "cvc": "123"}
    method = world.v1.payment_methods.create({"type": "card", "card": card})
    attached = world.v1.payment_methods.attach(method.id, {"customer": customer.id})
    assert attached.card is not None
    assert (attached.card.brand, attached.customer) == ("mastercard", customer.id)
    assert world.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id}).id != "pm_card_visa"
    assert len(world.v1.payment_methods.list({"customer": customer.id}).data) == 2

    world.v1.payment_methods.detach(method.id)

    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        world.v1.payment_methods.attach(method.id, {"customer": customer.id})
