"""Every refusal through the official SDK: its class, code, message, and how often the SDK tried."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
import openai
import pytest
import redis as redis_client

from core import wire
from core.tokens import ALPHABET
from core.wire import RateLimits
from tests.forged_keys import forged
from tests.gateway.books import Books
from tests.gateway.conftest import PORTAL, Sdk
from tests.gateway.published import EMBED, SPARK, Account, Publisher, new_account, upstream

PROMPT: Any = [{"role": "user", "content": "Tell me about bridges"}]
SdkFor = Callable[[str], Sdk]


def refusal_of(sdk: Sdk, model: str = "muse-spark", **options: Any) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as caught:
        sdk.client.chat.completions.create(model=model, messages=PROMPT, **options)
    return caught.value


def mistyped(key: str) -> str:
    return key[:-1] + ALPHABET[(ALPHABET.index(key[-1]) + 1) % len(ALPHABET)]


@pytest.mark.parametrize("key", ["sk-something-else", "tw_live_tooshort", "tw_admin_" + "0" * 50])
def test_what_is_no_key_of_ours_is_malformed(sdk_for: SdkFor, published: Publisher, key: str) -> None:
    sdk = sdk_for(key)

    refused = refusal_of(sdk)

    assert isinstance(refused, openai.AuthenticationError)
    assert (refused.code, len(sdk.attempts)) == ("malformed_api_key", 1)


def test_a_mistyped_key_is_told_apart_without_a_look_up(sdk_for: SdkFor, ada: Account) -> None:
    sdk = sdk_for(mistyped(ada.token.text))

    refused = refusal_of(sdk)

    assert (refused.status_code, refused.code, len(sdk.attempts)) == (401, "malformed_api_key", 1)
    assert "mistyped" in refused.message
    assert refused.request_id is not None
    assert refused.request_id.startswith("req_")


def test_an_unknown_key_and_a_wrong_secret_look_the_same(sdk_for: SdkFor, ada: Account) -> None:
    stranger = new_account().token
    wrong = forged(ada.token, stranger.secret)

    codes = [refusal_of(sdk_for(key)).body for key in (stranger.text, wrong.text)]

    assert codes[0] == codes[1]
    assert codes[0]["code"] == "invalid_api_key"  # type: ignore[index]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"status": "revoked"}, (401, "revoked_api_key")),
        ({"status": "disabled"}, (401, "disabled_api_key")),
        ({"expires_at": time.time() - 1}, (401, "expired_api_key")),
        ({"scopes": ("models",)}, (403, "scope_missing")),
        ({"models": ("another",)}, (403, "model_not_granted")),
    ],
)
def test_a_key_that_may_not_is_refused_within_a_second_of_the_change(
    sdk_for: SdkFor, ada: Account, published: Publisher, change: dict[str, Any], expected: tuple[int, str]
) -> None:
    sdk = sdk_for(ada.token.text)
    sdk.client.chat.completions.create(model="muse-spark", messages=PROMPT, max_tokens=1)
    sdk.attempts.clear()

    published.account(replace(ada, key=replace(ada.key, version=2, **change)), micros=None)
    changed = time.monotonic()
    while time.monotonic() - changed < 1.0:
        try:
            sdk.client.chat.completions.create(model="muse-spark", messages=PROMPT, max_tokens=1)
        except openai.APIStatusError:
            break
    sdk.attempts.clear()
    refused = refusal_of(sdk)

    assert (refused.status_code, refused.code) == expected
    assert len(sdk.attempts) == 1
    assert refused.response.headers["x-should-retry"] == "false"
    assert "retry-after" not in refused.response.headers


def test_a_suspended_organization_is_refused(sdk_for: SdkFor, ada: Account, published: Publisher) -> None:
    published.account(replace(ada, organization=replace(ada.organization, version=2, status="suspended")), micros=None)
    sdk = sdk_for(ada.token.text)

    refused = refusal_of(sdk)

    assert (refused.status_code, refused.code, len(sdk.attempts)) == (403, "organization_suspended", 1)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("no-such", (404, "model_not_found")),
        ("closed-one", (404, "model_not_found")),
        ("private-one", (403, "model_not_granted")),
        ("paused-one", (503, "model_paused")),
        ("muse-embed", (400, "invalid_request")),
    ],
)
def test_a_model_that_may_not_be_called_is_refused(
    sdk_for: SdkFor, ada: Account, published: Publisher, model: str, expected: tuple[int, str]
) -> None:
    published.everything(
        EMBED,
        replace(SPARK, slug="closed-one", status="closed"),
        replace(SPARK, slug="private-one", is_public=False),
        replace(SPARK, slug="paused-one", status="paused"),
    )
    sdk = sdk_for(ada.token.text)

    refused = refusal_of(sdk, model)

    assert (refused.status_code, refused.code) == expected
    assert refused.param == "model"
    assert len(sdk.attempts) == 1


def test_a_private_model_serves_those_that_it_names(sdk_for: SdkFor, published: Publisher, books: Books) -> None:
    published.model(replace(SPARK, slug="for-partners", is_public=False, upstreams=(upstream("muse-spark"),)))
    partner = published.account(new_account(models=("for-partners",)))

    answer = sdk_for(partner.token.text).client.chat.completions.create(model="for-partners", messages=PROMPT)

    assert answer.model == "for-partners"


@pytest.mark.parametrize("micros", [0, -5, 100])
def test_an_empty_wallet_is_refused_once_and_says_where_to_pay(
    sdk_for: SdkFor, published: Publisher, micros: int
) -> None:
    poor = published.account(new_account(), micros=micros)
    sdk = sdk_for(poor.token.text)

    refused = refusal_of(sdk)

    assert isinstance(refused, openai.RateLimitError)
    assert (refused.code, refused.type) == ("credit_balance_exhausted", "insufficient_quota")
    assert f"{PORTAL}/billing/" in refused.message
    assert len(sdk.attempts) == 1
    assert refused.response.headers["x-should-retry"] == "false"
    assert "retry-after" not in refused.response.headers


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", {"messages": PROMPT}),
        ("/v1/responses", {"input": "Why?"}),
        ("/v1/messages", {"messages": PROMPT, "max_tokens": 500}),
    ],
)
def test_an_empty_wallet_names_no_field_of_another_dialect(
    gateway: str, published: Publisher, path: str, body: dict[str, object]
) -> None:
    poor = published.account(new_account(), micros=0)
    headers = {"x-api-key": poor.token.text, "anthropic-version": "2023-06-01"}

    refused = httpx2.post(f"{gateway}{path}", json={"model": "muse-spark"} | body, headers=headers)

    message = refused.json()["error"]["message"]
    assert "The balance of" in message
    assert "max_" not in message


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_an_endless_name_of_a_model_is_not_said_again(gateway: str, ada: Account, path: str) -> None:
    body = {"model": "a" * 1_000_000, "messages": PROMPT, "max_tokens": 5}
    headers = {"x-api-key": ada.token.text, "anthropic-version": "2023-06-01"}

    refused = httpx2.post(f"{gateway}{path}", json=body, headers=headers)

    assert refused.status_code == 404
    assert len(refused.content) < 1_000


def test_a_small_balance_serves_a_small_request(sdk_for: SdkFor, published: Publisher, books: Books) -> None:
    poor = published.account(new_account(), micros=1_000)
    books.fund(poor.id, micros=1_000)
    sdk = sdk_for(poor.token.text)

    assert refusal_of(sdk).code == "credit_balance_exhausted"
    sdk.client.chat.completions.create(model="muse-spark", messages=PROMPT, max_tokens=10)

    assert 0 < books.spent(poor.id) <= 1_000 * 10**6


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (RateLimits(requests_per_minute=600), "requests_per_minute_exceeded"),
        (RateLimits(input_tokens_per_minute=6_000), "input_tokens_per_minute_exceeded"),
        (RateLimits(output_tokens_per_minute=6_000), "output_tokens_per_minute_exceeded"),
        (RateLimits(concurrent_requests=1), "concurrent_requests_exceeded"),
    ],
)
def test_each_rate_limit_says_when_to_come_back(
    sdk_for: SdkFor, published: Publisher, redis: redis_client.Redis, limits: RateLimits, code: str
) -> None:
    busy = published.account(new_account(limits=limits))
    exhaust(redis, busy)
    sdk = sdk_for(busy.token.text)
    sdk.client.max_retries = 0

    refused = refusal_of(sdk, max_tokens=900)

    headers = refused.response.headers
    assert isinstance(refused, openai.RateLimitError)
    assert (refused.code, refused.type) == (code, "rate_limit_error")
    assert 1 <= int(headers["retry-after"]) <= 60
    assert 0 < int(headers["retry-after-ms"]) <= 60_000
    assert "x-should-retry" not in headers
    limit = refused.body["limit"]  # type: ignore[index]
    assert limit["node"] == "organization"
    assert limit["used"] >= 0.9 * limit["limit"] > 0  # The bucket drains meanwhile.


def exhaust(redis: redis_client.Redis, account: Account) -> None:
    """Fill every bucket of the organization, and take its one place."""
    tag = f"{{{account.id}}}"
    seconds, microseconds = redis.time()
    now = seconds * 1000 + microseconds // 1000
    redis.hset(f"{tag}:rates", mapping={"at": now, "requests": 606, "input": 6_060, "output": 6_060})
    redis.zadd(f"{tag}:holds", {"another": now + 60_000})
    redis.hset(f"{tag}:amounts", mapping={"another": 1, "total": 1})


def test_the_sdk_waits_and_succeeds_where_waiting_helps(
    sdk_for: SdkFor, published: Publisher, redis: redis_client.Redis, books: Books
) -> None:
    busy = published.account(new_account(limits=RateLimits(requests_per_minute=600)))
    exhaust(redis, busy)
    sdk = sdk_for(busy.token.text)

    sdk.client.chat.completions.create(model="muse-spark", messages=PROMPT, max_tokens=1)

    assert sdk.attempts == ["0", "1"]


def test_a_request_larger_than_a_minutes_tokens_is_never_tried_again(sdk_for: SdkFor, published: Publisher) -> None:
    small = published.account(new_account(limits=RateLimits(input_tokens_per_minute=5)))
    sdk = sdk_for(small.token.text)

    refused = refusal_of(sdk)

    assert (refused.status_code, refused.code, len(sdk.attempts)) == (429, "request_exceeds_rate_limit", 1)


def test_an_emptied_redis_is_never_the_keys_fault(sdk_for: SdkFor, ada: Account, redis: redis_client.Redis) -> None:
    redis.flushall()
    sdk = sdk_for(new_account().token.text)
    sdk.client.max_retries = 0

    refused = refusal_of(sdk)

    assert (refused.status_code, refused.code) == (503, "service_unavailable")
    assert refused.response.headers["retry-after"] == "1"


def test_a_missing_wallet_is_a_fact_not_yet_published(sdk_for: SdkFor, published: Publisher) -> None:
    sdk = sdk_for(published.account(new_account(), micros=None).token.text)
    sdk.client.max_retries = 0

    refused = refusal_of(sdk)

    assert (refused.status_code, refused.response.headers["retry-after"]) == (503, "1")


def test_a_model_without_a_price_is_not_given_away(sdk_for: SdkFor, ada: Account, published: Publisher) -> None:
    published.model(replace(SPARK, slug="priceless", prices=()))

    assert refusal_of(sdk_for(ada.token.text), "priceless").code == "model_paused"


def test_a_wallet_at_its_facts(redis: redis_client.Redis, ada: Account) -> None:
    """The hold goes with the answer, and the balance is what PostgreSQL said."""
    assert redis.hgetall(wire.wallet_at(ada.id)) == {"version": "0", "available": "5000000"}
