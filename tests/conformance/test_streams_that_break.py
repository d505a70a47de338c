"""The model server dies in the middle: each surface has its own way to say so, and what was delivered is charged."""

from typing import Any

from tests.conformance.sdk import Sdk
from tests.gateway.books import Books
from tests.gateway.published import Account

PROMPT: Any = [{"role": "user", "content": "Tell me about bridges"}]
DELIVERED = 5


def test_chat_raises(openai: Sdk, ada: Account, books: Books) -> None:
    called = openai.events("chat.completions.create", model="demo-broken", messages=PROMPT)

    assert (called.raised["class"], called.raised["code"]) == ("APIError", "upstream_unavailable")
    assert "broke off" in called.raised["message"]
    assert [(event["output"], event["outcome"]) for event in books.events(ada.id)] == [(DELIVERED, "upstream_failed")]


def test_a_response_fails_with_its_usage(openai: Sdk, ada: Account, books: Books) -> None:
    """The SDK raises nothing here: the terminal event is what its callers look at."""
    called = openai.events("responses.create", model="demo-broken", input="Tell me about bridges")

    last = called.events[-1]
    (event,) = books.events(ada.id)
    assert [event["sequence_number"] for event in called.events] == list(range(len(called.events)))
    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")
    assert "broke off" in last["response"]["error"]["message"]
    assert (event["output"], event["outcome"]) == (DELIVERED, "upstream_failed")
    assert last["response"]["usage"]["output_tokens"] == DELIVERED


def test_a_message_raises_with_the_type_of_the_error(anthropic: Sdk, ada: Account, books: Books) -> None:
    called = anthropic.events("messages.create", model="demo-broken", messages=PROMPT, max_tokens=500)

    assert "APIStatusError" in called.raised["bases"]
    assert called.raised["body"]["error"]["type"] == "api_error"
    assert "broke off" in called.raised["message"]
    assert [(event["output"], event["outcome"]) for event in books.events(ada.id)] == [(DELIVERED, "upstream_failed")]


def test_before_the_first_byte_it_is_an_error_and_free(openai: Sdk, anthropic: Sdk, ada: Account, books: Books) -> None:
    for sdk in (openai, anthropic):
        sdk.client["max_retries"] = 0

    called = [
        openai.refused("chat.completions.create", model="demo-broken", messages=PROMPT),
        openai.refused("responses.create", model="demo-broken", input="Hi"),
        anthropic.refused("messages.create", model="demo-broken", messages=PROMPT, max_tokens=5),
    ]

    assert {call.raised["status_code"] for call in called} == {502}
    assert all("InternalServerError" in call.raised["bases"] for call in called)
    assert books.events(ada.id) == []
