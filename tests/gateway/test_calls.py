"""The official SDK, unmodified but for `base_url` and key: what a developer sees of a call, and what is stored."""

import re
from dataclasses import replace
from typing import Any

import openai
import pytest

from tests.gateway.books import Books
from tests.gateway.published import SPARK, Account, Publisher, upstream

PROMPT: Any = [{"role": "user", "content": "Tell me about bridges"}]


def test_a_completion_is_answered_metered_and_priced(sdk: openai.OpenAI, ada: Account, books: Books) -> None:
    raw = sdk.chat.completions.with_raw_response.create(model="muse-spark", messages=PROMPT)
    answer = raw.parse()

    (event,) = books.events(ada.id)
    assert answer.usage is not None
    assert "bridges" in (answer.choices[0].message.content or "")
    assert answer._request_id == f"req_{event['id'].hex}"
    assert (event["input"], event["output"]) == (answer.usage.prompt_tokens, answer.usage.completion_tokens)
    assert event["amount"] == event["input"] * 1_250_000 + event["output"] * 4_250_000
    assert float(raw.headers["x-request-cost"]) == event["amount"] / 1e12
    assert (event["outcome"], event["is_stream"], event["is_estimated"]) == ("completed", False, False)
    assert books.spent(ada.id) == event["amount"]


@pytest.mark.parametrize("asks_for_usage", [True, False])
def test_a_stream_shows_usage_only_to_those_who_ask(
    sdk: openai.OpenAI, ada: Account, books: Books, asks_for_usage: bool
) -> None:
    options: Any = {"stream_options": {"include_usage": True}} if asks_for_usage else {}

    chunks = list(
        sdk.chat.completions.create(model="muse-spark", messages=PROMPT, stream=True, max_tokens=7, **options)
    )

    (event,) = books.events(ada.id)
    shown = [chunk.usage for chunk in chunks if chunk.usage is not None]
    assert [usage.completion_tokens for usage in shown] == ([7] if asks_for_usage else [])
    assert any(chunk.choices == [] for chunk in chunks) is asks_for_usage
    assert (event["output"], event["is_stream"], event["is_estimated"]) == (7, True, False)
    assert event["first_token_ms"] is not None


def test_cached_and_reasoning_tokens_are_counted_apart(sdk: openai.OpenAI, ada: Account, books: Books) -> None:
    long: Any = [{"role": "user", "content": f"{ada.id} " + "toll " * 1500}]

    for _ in range(2):
        sdk.chat.completions.create(model="muse-spark", messages=long, reasoning_effort="low")

    first, second = books.events(ada.id)
    assert (first["cache_read"], first["reasoning"]) == (0, 16)
    assert second["cache_read"] >= 1024
    assert second["input"] + second["cache_read"] == first["input"]


def test_embeddings_come_back_as_the_sdk_asks(sdk: openai.OpenAI, ada: Account, books: Books) -> None:
    """The SDK silently asks for base64 where the caller names no encoding."""
    silent = sdk.embeddings.create(model="muse-embed", input=["a toll", "a road"])
    floats = sdk.embeddings.create(model="muse-embed", input="a toll", encoding_format="float")

    assert silent.data[0].embedding == pytest.approx(floats.data[0].embedding, abs=1e-6)
    assert [event["input"] for event in books.events(ada.id)] == [4, 2]
    assert [event["output"] for event in books.events(ada.id)] == [0, 0]


def test_models_are_those_that_the_key_may_call(sdk: openai.OpenAI, published: Publisher) -> None:
    published.model(replace(SPARK, slug="secret", is_public=False))
    published.model(replace(SPARK, slug="at-rest", status="paused"))

    listed = [model.id for model in sdk.models.list()]
    one = sdk.models.retrieve("muse-spark")

    assert listed == ["demo-broken", "demo-slow", "muse-embed", "muse-spark"]
    assert (one.id, one.object, one.owned_by, one.created) == ("muse-spark", "model", "muse", 1_767_225_600)


def test_the_public_name_stands_for_the_model_servers_own(sdk: openai.OpenAI, published: Publisher) -> None:
    published.model(replace(SPARK, slug="public-name", upstreams=(upstream("muse-spark"),)))

    whole = sdk.chat.completions.create(model="public-name", messages=PROMPT, max_tokens=3)
    chunks = list(sdk.chat.completions.create(model="public-name", messages=PROMPT, stream=True, max_tokens=3))

    assert {whole.model, *(chunk.model for chunk in chunks)} == {"public-name"}


def test_limits_are_told_in_openais_dialect(sdk: openai.OpenAI, ada: Account, published: Publisher) -> None:
    limits = replace(ada.organization.limits, requests_per_minute=60, output_tokens_per_minute=9_000)
    published.account(replace(ada, organization=replace(ada.organization, version=2, limits=limits)), micros=None)

    headers = sdk.chat.completions.with_raw_response.create(
        model="muse-spark",
        messages=PROMPT,
        max_tokens=900,
    ).headers

    assert (headers["x-ratelimit-limit-requests"], headers["x-ratelimit-remaining-requests"]) == ("60", "59")
    assert headers["x-ratelimit-reset-requests"] == "1s"
    assert (headers["x-ratelimit-limit-tokens"], headers["x-ratelimit-remaining-tokens"]) == ("9000", "8100")
    assert re.fullmatch(r"(\d+m)?[\d.]+m?s", headers["x-ratelimit-reset-tokens"])


def test_unused_tokens_are_given_back(sdk: openai.OpenAI, ada: Account, published: Publisher) -> None:
    limits = replace(ada.organization.limits, output_tokens_per_minute=9_000)
    published.account(replace(ada, organization=replace(ada.organization, version=2, limits=limits)), micros=None)

    left = [
        int(
            sdk.chat.completions.with_raw_response.create(
                model="muse-spark",
                messages=PROMPT,
            ).headers["x-ratelimit-remaining-tokens"]
        )
        for _ in range(3)
    ]

    assert left[0] == 9_000 - 8_192
    assert left[2] > 0
