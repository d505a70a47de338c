"""An SDK that loses patience and asks again gets the answer that was being made: one generation, one charge."""

from typing import Any

import pytest

from tests.conformance.sdk import Sdk
from tests.gateway.books import Books
from tests.gateway.published import Account
from tests.gateway.retries.conftest import environment, generated, pair, slow_url

__all__ = ["environment", "generated", "pair", "slow_url"]

PROMPT: Any = [{"role": "user", "content": "Tell me about bridges"}]
IMPATIENT = {"timeout": 0.6, "max_retries": 2}
CALLS: dict[str, dict[str, Any]] = {
    "chat.completions.create": {"messages": PROMPT, "max_tokens": 50},
    "responses.create": {"input": "Tell me about bridges"},
    "messages.create": {"messages": PROMPT, "max_tokens": 50},
}


@pytest.fixture
def impatient(pair: tuple[str, str], ada: Account, openai_process: Sdk, anthropic_process: Sdk) -> dict[str, Sdk]:
    """The SDK of each call, which waits less than the model takes."""
    openai_process.client = {"api_key": ada.token.text, "base_url": f"{pair[0]}/v1"} | IMPATIENT
    anthropic_process.client = {"api_key": ada.token.text, "base_url": pair[0]} | IMPATIENT
    return {name: anthropic_process if name == "messages.create" else openai_process for name in CALLS}


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("method", CALLS)
def test_a_timeout_joins_the_generation(
    impatient: dict[str, Sdk], generated: list[str], ada: Account, books: Books, method: str, is_async: bool
) -> None:
    called = impatient[method].create(method, is_async=is_async, model="slow", **CALLS[method])

    (event,) = books.events(ada.id)
    assert (called.attempts, generated) == (2, ["slow"])
    assert "Answer 1" in str(called.value)
    if not is_async:
        assert called.request_id == called.headers["x-request-id"] == f"req_{event['id'].hex}"
        assert called.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("method", CALLS)
def test_a_stream_that_didnt_begin_in_time_is_joined(
    impatient: dict[str, Sdk], generated: list[str], ada: Account, books: Books, method: str, is_async: bool
) -> None:
    called = impatient[method].events(method, is_async=is_async, model="slow", **CALLS[method])

    assert called.error is None, called.error
    assert (called.attempts, generated) == (2, ["slow"])
    assert len(books.events(ada.id)) == 1
    assert "Answer" in str(called.events)


@pytest.mark.parametrize("method", CALLS)
def test_an_idempotency_key_of_the_callers_own(
    impatient: dict[str, Sdk], generated: list[str], ada: Account, books: Books, method: str
) -> None:
    """Sent twice by the caller, not by the SDK."""
    sdk = impatient[method]
    ask: dict[str, Any] = CALLS[method] | {"model": "quick", "extra_headers": {"Idempotency-Key": "order-1"}}

    first, again = (sdk.create(method, **ask) for _ in range(2))

    assert first.value == again.value
    assert first.request_id == again.request_id
    assert (len(generated), len(books.events(ada.id))) == (1, 1)
