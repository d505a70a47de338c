"""Refusals: each SDK raises the class that its callers catch, once where waiting can't help."""

from dataclasses import replace
from typing import Any

import pytest

from core.wire import RateLimits
from tests.conformance.sdk import Called, Sdk
from tests.gateway.books import Books
from tests.gateway.published import Account, Publisher, new_account

PROMPT: Any = [{"role": "user", "content": "Tell me about bridges"}]
CHAT: dict[str, Any] = {"model": "muse-spark", "messages": PROMPT, "max_tokens": 500}
MOST_SECONDS = 60


def chat(sdk: Sdk, **changes: Any) -> Called:
    return sdk.refused("chat.completions.create", **CHAT | changes)


def message(sdk: Sdk, **changes: Any) -> Called:
    return sdk.refused("messages.create", **CHAT | changes)


def respond(sdk: Sdk, **changes: Any) -> Called:
    return sdk.refused("responses.create", model="muse-spark", input="Hi", **changes)


def limited(account: Account, published: Publisher, **limits: int) -> None:
    organization = replace(account.organization, version=2, limits=RateLimits(**limits))
    published.account(replace(account, organization=organization), micros=None)


@pytest.fixture
def poor(published: Publisher, books: Books) -> Account:
    account = published.account(new_account(), micros=0)
    books.fund(account.id, micros=0)
    return account


def test_a_wrong_key_is_401_once(openai: Sdk, anthropic: Sdk) -> None:
    for sdk, ask in ((openai, chat), (anthropic, message)):
        sdk.client["api_key"] = "sk-of-another-house"

        called = ask(sdk)

        assert (called.raised["class"], called.attempts) == ("AuthenticationError", 1)
        assert called.raised["request_id"].startswith("req_")


def test_an_unknown_model_is_404_once(openai: Sdk, anthropic: Sdk) -> None:
    for sdk, ask in (
        (openai, chat),
        (anthropic, message),
    ):
        called = ask(sdk, model="no-such")

        assert (called.raised["class"], called.attempts) == ("NotFoundError", 1)
        assert "no-such" in called.raised["message"]


def test_without_credit_callers_try_once(openai: Sdk, anthropic: Sdk, poor: Account) -> None:
    for sdk in (openai, anthropic):
        sdk.client["api_key"] = poor.token.text

    for called in (chat(openai), respond(openai)):
        assert (called.raised["class"], called.raised["code"]) == ("RateLimitError", "credit_balance_exhausted")
        assert (called.raised["type"], called.attempts) == ("insufficient_quota", 1)
    called = message(anthropic)
    assert (called.raised["status_code"], called.attempts) == (402, 1)
    assert called.raised["body"]["error"]["details"]["error_code"] == "credit_balance_exhausted"
    assert ("PaymentRequiredError" in called.raised["bases"]) is (anthropic.major >= 2)
    assert "retry-after" not in called.raised["headers"]


@pytest.mark.parametrize("surface", ["openai", "anthropic"])
def test_a_rate_is_told_on_success_and_on_refusal(
    openai: Sdk, anthropic: Sdk, ada: Account, published: Publisher, surface: str
) -> None:
    limited(ada, published, requests_per_minute=1)
    is_openai = surface == "openai"
    sdk, ask = (openai, chat) if is_openai else (anthropic, message)
    sdk.client["max_retries"] = 0

    headers = ask(sdk).headers
    refused = ask(sdk)

    names = "x-ratelimit-{}-requests" if is_openai else "anthropic-ratelimit-requests-{}"
    for shown in (headers, refused.raised["headers"]):
        assert (shown[names.format("limit")], shown[names.format("remaining")]) == ("1", "0")
    assert headers[names.format("reset")].endswith("s" if is_openai else "Z")
    assert refused.raised["class"] == "RateLimitError"
    assert 0 < int(refused.raised["headers"]["retry-after"]) <= MOST_SECONDS


@pytest.mark.parametrize(
    ("field", "value"), [("top_k", 5), ("container", "c_1"), ("thinking", {"type": "between_tools"})]
)
def test_what_cant_be_translated_is_named(anthropic: Sdk, field: str, value: object) -> None:
    called = message(anthropic, extra_body={field: value})

    assert (called.raised["class"], called.attempts) == ("BadRequestError", 1)
    assert called.raised["body"]["error"]["param"] == field


def test_sampling_is_refused_on_the_newer_version_alone(anthropic: Sdk) -> None:
    called = message(anthropic, extra_body={"temperature": 0.5})

    assert (called.error is None) is (anthropic.major < 1)
    if called.error is not None:
        assert called.raised["body"]["error"]["param"] == "temperature"


def test_a_key_without_the_scope_has_a_class_of_its_own(anthropic: Sdk, ada: Account, published: Publisher) -> None:
    published.account(replace(ada, key=replace(ada.key, version=2, scopes=("models",))), micros=None)

    called = message(anthropic)

    assert "PermissionDeniedError" in called.raised["bases"] or "APIKeyScopeMissing" in called.raised["class"]
    assert (called.raised["status_code"], called.attempts) == (403, 1)


def test_a_body_that_is_too_large_is_413_in_the_surfaces_shape(openai: Sdk, anthropic: Sdk) -> None:
    large = [{"role": "user", "content": "x" * (16 * 1024 * 1024)}]

    for sdk, ask in ((openai, chat), (anthropic, message)):
        called = ask(sdk, messages=large)

        assert (called.raised["status_code"], called.attempts) == (413, 1)
        assert called.raised["request_id"].startswith("req_")
