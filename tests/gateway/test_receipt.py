"""GET /v1/requests/{id}/receipt: exact, at the prices of its time, and for one's own organization alone."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from django.utils import timezone

from catalog.facts import model_facts
from catalog.models import Model, Upstream
from catalog.price_book import publish_prices
from core.ids import uuid7
from core.tokens import parse_token
from core.usage import TokenCounts
from gateway.call import request_id_of
from gateway.server import configured
from gateway.settings import Settings
from keys.facts import key_facts
from keys.models import ApiKey
from tests.factories import PRICES, ROBOT, make_key, make_model, make_organization, use
from tests.gateway.books import Books
from tests.gateway.conftest import DEMO_MODELS
from tests.gateway.published import Account, Publisher, new_account
from tests.gateway.serving import served

VERSION = {"anthropic-version": "2023-06-01"}
BODY = {"messages": [{"role": "user", "content": "Roads"}], "max_tokens": 5}


@dataclass(frozen=True)
class Customer:
    """A funded organization with a key and a model, committed to PostgreSQL and published."""

    account: Account
    key: ApiKey
    model: Model
    url: str

    def receipt(self, request_id: str, **headers: str) -> httpx2.Response:
        return receipt(self.url, self.account, request_id, **headers)

    def call(self) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.account.token.text}"}
        body = BODY | {"model": self.model.slug}
        return httpx2.post(f"{self.url}/v1/chat/completions", headers=headers, json=body, timeout=20)


def receipt(url: str, account: Account, request_id: str, **headers: str) -> httpx2.Response:
    key = {"authorization": f"Bearer {account.token.text}"}
    return httpx2.get(f"{url}/v1/requests/{request_id}/receipt", headers=key | headers, timeout=10)


@pytest.fixture
def customer(transactional_db: None, published: Publisher, books: Books, gateway: str) -> Customer:
    before = timezone.now() - timedelta(hours=1)
    organization = make_organization(now=before)
    issued = make_key(organization, now=before, name="Laptop")
    model = make_model("toll-spark", now=before)
    Upstream.objects.create(model=model, name="first", model_name="muse-spark", created_at=before)
    published.model(replace(model_facts(model, at=timezone.now()), version=100))
    token = parse_token(issued.text, brand="tw")
    assert token is not None
    facts = replace(new_account().organization, id=str(organization.pk), version=100)
    account = published.account(Account(facts, key_facts(issued.key), token))
    books.fund(account.id, micros=5_000_000)
    return Customer(account, issued.key, model, gateway)


def test_an_answered_call_has_its_receipt_at_once(customer: Customer, books: Books) -> None:
    answer = customer.call()

    shown = customer.receipt(answer.headers["x-request-id"])

    (event,) = books.events(customer.account.id)
    assert (answer.status_code, shown.status_code) == (200, 200)
    body: dict[str, Any] = shown.json()
    lines = body.pop("lines")
    assert body == {
        "id": answer.headers["x-request-id"],
        "model": "toll-spark",
        "key": {"id": str(customer.key.pk), "name": "Laptop", "prefix": customer.key.prefix},
        "project": {"id": str(customer.key.project_id), "name": "Default"},
        "occurred_at": event["occurred_at"].isoformat(),
        "outcome": "completed",
        "joined_retries": 0,
        "service_tier": "standard",
        "is_estimated": False,
        "price_version": str(customer.model.price_versions.get().pk),
        "currency": "USD",
        "amount": f"{Decimal(event['amount']).scaleb(-12):f}",
    }
    assert [(line["class"], line["quantity"]) for line in lines] == [("input", event["input"]), ("output", 5)]
    assert sum(Decimal(line["amount"]) for line in lines) == Decimal(body["amount"])


def test_every_class_is_charged_at_the_price_of_its_time(customer: Customer) -> None:
    counts = TokenCounts(input=3, cache_read=7, cache_write_5m=11, output=13, reasoning=999_999_937)
    event = use(customer.key, customer.model, at=timezone.now(), counts=counts, is_estimated=True)
    later = dict.fromkeys(PRICES, 9_000_000)
    now = timezone.now()
    publish_prices(customer.model, later, valid_from=now, actor=ROBOT, now=now)

    body = customer.receipt(request_id_of(event.id)).json()

    assert [tuple(line.values()) for line in body["lines"]] == [
        ("input", 3, "0.000001250000", "0.000003750000"),
        ("cache_read", 7, "0.000000150000", "0.000001050000"),
        ("cache_write_5m", 11, "0.000000000000", "0.000000000000"),
        ("output", 13, "0.000004250000", "0.000055250000"),
        ("reasoning", 999_999_937, "0.000004250000", "4249.999732250000"),
    ]
    assert body["amount"] == "4249.999792300000"
    assert Decimal(body["amount"]).scaleb(12) == event.amount
    assert body["is_estimated"] is True


def test_nothing_used_costs_nothing(customer: Customer) -> None:
    event = use(customer.key, customer.model, at=timezone.now(), counts=TokenCounts())

    body = customer.receipt(request_id_of(event.id)).json()

    assert (body["lines"], body["amount"]) == ([], "0.000000000000")


def test_what_does_not_add_up_is_not_shown(customer: Customer) -> None:
    event = use(customer.key, customer.model, at=timezone.now(), counts=TokenCounts(input=1), amount=7)

    answer = customer.receipt(request_id_of(event.id))

    assert (answer.status_code, answer.headers["x-should-retry"]) == (503, "false")


def test_another_organization_learns_nothing(customer: Customer, published: Publisher) -> None:
    event = use(customer.key, customer.model, at=timezone.now(), counts=TokenCounts(input=1))
    eve = published.account(new_account())

    theirs = receipt(customer.url, eve, request_id_of(event.id))
    nobodys = receipt(customer.url, eve, request_id_of(uuid7()))

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json()["error"]["code"] == nobodys.json()["error"]["code"] == "request_not_stored_or_unknown"
    assert theirs.text.replace(event.id.hex, "") == nobodys.text.replace(nobodys.text.split("req_")[1][:32], "")


def test_another_key_of_the_organization_may_read_it(customer: Customer, published: Publisher) -> None:
    event = use(customer.key, customer.model, at=timezone.now(), counts=TokenCounts(input=1))
    second = new_account()
    key = replace(second.key, organization=str(customer.account.id), scopes=("inference",))
    colleague = published.account(Account(customer.account.organization, key, second.token))

    assert receipt(customer.url, colleague, request_id_of(event.id)).status_code == 200


def test_a_refused_request_has_none(gateway: str, ada: Account) -> None:
    refused = httpx2.get(f"{gateway}/v1/models/no-such", headers={"authorization": f"Bearer {ada.token.text}"})

    answer = receipt(gateway, ada, refused.headers["x-request-id"])

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "request_not_stored_or_unknown")


@pytest.mark.parametrize("id_", ["1", "req_", "req_" + "g" * 32, "REQ_" + "0" * 32, "req_" + "0" * 33, "%00", "%0A"])
def test_a_malformed_id_is_not_found(gateway: str, ada: Account, id_: str) -> None:
    answer = receipt(gateway, ada, id_)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/v1/requests", "/v1/requests/", "/v1/requests/req_1", "/v1/requests/a/b/receipt"])
def test_beside_the_receipt_there_is_nothing(gateway: str, ada: Account, path: str) -> None:
    answer = httpx2.get(f"{gateway}{path}", headers={"authorization": f"Bearer {ada.token.text}"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_both_header_styles_get_their_own_errors(gateway: str, ada: Account) -> None:
    path = f"{gateway}/v1/requests/{request_id_of(uuid7())}/receipt"

    unknown = httpx2.get(path, headers={"x-api-key": ada.token.text} | VERSION)
    keyless = httpx2.get(path)
    wrong = httpx2.delete(path)

    assert unknown.json()["error"]["type"] == "not_found_error"
    assert unknown.json()["error"]["details"] == {"error_code": "request_not_stored_or_unknown"}
    assert (keyless.status_code, wrong.status_code) == (401, 405)


def test_a_connection_that_was_ended_is_made_again(customer: Customer, books: Books) -> None:
    event = use(customer.key, customer.model, at=timezone.now(), counts=TokenCounts(input=1))
    assert customer.receipt(request_id_of(event.id)).status_code == 200

    with psycopg.connect(books.url, autocommit=True) as operator:
        ended = operator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'gateway receipts' AND datname = current_database()"
        ).fetchall()

    assert ended
    assert customer.receipt(request_id_of(event.id)).status_code == 200


def test_a_slow_database_is_not_waited_for_and_settlement_goes_on(customer: Customer, books: Books) -> None:
    event = use(customer.key, customer.model, at=timezone.now(), counts=TokenCounts(input=1))

    with psycopg.connect(books.url) as operator, ThreadPoolExecutor(3) as pool:
        operator.execute("LOCK TABLE catalog_price IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        asked = [pool.submit(customer.receipt, request_id_of(event.id)) for _ in range(3)]
        called = customer.call()
        call_took = time.monotonic() - began
        answers = [each.result() for each in asked]
        receipts_took = time.monotonic() - began

    assert [answer.status_code for answer in answers] == [503] * 3
    assert (called.status_code, len(books.events(customer.account.id))) == (200, 2)
    assert call_took < 2  # A query of a receipt is broken off after two seconds, the wait for it after three.
    assert receipts_took < 6
    assert customer.receipt(request_id_of(event.id)).status_code == 200


@pytest.fixture
def without_database(gateway_settings: Settings, tmp_path: Path) -> Iterator[str]:
    """A gateway whose PostgreSQL can't be reached: usage waits in its journal."""
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    settings = replace(gateway_settings, port=0, database_url=nowhere, journal=tmp_path / "journal")
    with served(configured(settings)) as url:
        yield url


def test_while_postgresql_is_away_callers_are_told_to_come_back(
    without_database: str, published: Publisher, ada: Account, gateway: str
) -> None:
    headers = {"authorization": f"Bearer {ada.token.text}"}
    body = BODY | {"model": DEMO_MODELS[0].slug}
    answer = httpx2.post(f"{without_database}/v1/chat/completions", headers=headers, json=body, timeout=20)

    away = receipt(without_database, ada, answer.headers["x-request-id"])
    journaled = receipt(gateway, ada, answer.headers["x-request-id"])

    assert answer.status_code == 200
    assert (away.status_code, away.headers["retry-after"]) == (503, "2")
    assert away.json()["error"]["code"] == "service_unavailable"
    assert (journaled.status_code, journaled.json()["error"]["code"]) == (404, "request_not_stored_or_unknown")
