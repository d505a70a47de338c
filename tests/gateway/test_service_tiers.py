"""The tier that is asked for is priced, reserved, echoed, billed, and on the receipt; others are refused by name."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest

from core.service_tier import ServiceTier
from gateway.service_tiers import TierEcho, tier_of
from tests.gateway.books import Books
from tests.gateway.published import PRICE, PRICES, SPARK, Account, Publisher

HALF = {name: price // 2 for name, price in PRICES.items()}
DOUBLE = {name: price * 2 for name, price in PRICES.items()}
PROMPT = "Tell me about bridges"
BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": PROMPT}], "max_tokens": 50},
    "/v1/responses": {"input": PROMPT, "max_output_tokens": 50},
}


@pytest.fixture
def tiered(published: Publisher) -> Publisher:
    price = replace(PRICE, tiers={"flex": HALF, "priority": DOUBLE})
    published.model(replace(SPARK, version=2, prices=(price,)))
    return published


@pytest.fixture
def headers(ada: Account, tiered: Publisher) -> dict[str, str]:
    return {"authorization": f"Bearer {ada.token.text}"}


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize(
    ("asked", "served", "tier", "factor"),
    [
        ("flex", "flex", "flex", 1),
        ("priority", "priority", "priority", 4),
        ("auto", "default", "standard", 2),
        ("default", "default", "standard", 2),
    ],
)
def test_the_tier_is_echoed_and_billed(
    gateway: str,
    headers: dict[str, str],
    ada: Account,
    books: Books,
    path: str,
    asked: str,
    served: str,
    tier: str,
    factor: int,
) -> None:
    body = BODIES[path] | {"model": "muse-spark", "service_tier": asked}

    answer = httpx2.post(f"{gateway}{path}", json=body, headers=headers).json()
    stream = httpx2.post(f"{gateway}{path}", json=body | {"stream": True}, headers=headers).text

    assert answer["service_tier"] == served
    assert f'"service_tier":"{served}"' in stream.replace(": ", ":")
    events = books.events(ada.id)
    assert [event["service_tier"] for event in events] == [tier, tier]
    for event in events:
        assert 2 * event["amount"] == factor * sum(event[name] * price for name, price in PRICES.items())


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("tier", ["flex", "batch", "scale", "whatever"])
def test_what_isnt_sold_is_refused_by_name(gateway: str, ada: Account, books: Books, path: str, tier: str) -> None:
    body = BODIES[path] | {"model": "muse-spark", "service_tier": tier}

    answer = httpx2.post(f"{gateway}{path}", json=body, headers={"authorization": f"Bearer {ada.token.text}"})

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "service_tier")
    assert answer.headers["x-should-retry"] == "false"
    assert books.events(ada.id) == []


@pytest.mark.parametrize("tier", ["auto", "standard_only"])
def test_anthropics_words_are_standard(
    gateway: str, headers: dict[str, str], ada: Account, books: Books, tier: str
) -> None:
    body = BODIES["/v1/chat/completions"] | {"model": "muse-spark", "service_tier": tier}

    answer = httpx2.post(f"{gateway}/v1/messages", json=body, headers=headers | {"anthropic-version": "2023-06-01"})

    assert answer.json()["usage"]["service_tier"] == "standard"
    assert [event["service_tier"] for event in books.events(ada.id)] == ["standard"]


def test_the_receipt_has_the_tiers_prices(gateway: str, headers: dict[str, str], ada: Account, books: Books) -> None:
    body = BODIES["/v1/chat/completions"] | {"model": "muse-spark", "service_tier": "flex"}
    answer = httpx2.post(f"{gateway}/v1/chat/completions", json=body, headers=headers)

    (event,) = books.events(ada.id)
    assert event["amount"] > 0
    assert answer.headers["x-request-cost"] in f"{event['amount'] / 10**12:.12f}"


def test_a_server_that_served_less_says_so() -> None:
    echo = TierEcho(ServiceTier.PRIORITY)

    assert echo(b'{"service_tier":"default"}') == b'{"service_tier":"default"}'
    assert echo(b'{"service_tier":"auto"}') == b'{"service_tier":"priority"}'
    assert echo(b'{"service_tier": null}') == b'{"service_tier": "priority"}'


def test_a_server_that_says_nothing_is_completed() -> None:
    echo = TierEcho(ServiceTier.FLEX)

    assert echo(b'data: {"object":"chat.completion.chunk"}\n\n') == (
        b'data: {"service_tier":"flex","object":"chat.completion.chunk"}\n\n'
    )
    assert echo(b'data: {"error":{"message":"x"}}\n\n') == b'data: {"error":{"message":"x"}}\n\n'


def test_a_text_that_looks_like_the_field_stays() -> None:
    text = rb'{"content":"\"service_tier\":\"default\""}'

    assert TierEcho(ServiceTier.FLEX)(text) == text


def test_nothing_asked_is_standard() -> None:
    assert tier_of(None) == ServiceTier.STANDARD
