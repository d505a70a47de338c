"""The Messages surface, as callers of Anthropic's SDK see it."""

from typing import Any

import pytest

from tests.conformance.sdk import Sdk
from tests.gateway.books import Books
from tests.gateway.published import Account

PROMPT: Any = [{"role": "user", "content": "Tell me about bridges"}]
ASK: dict[str, Any] = {"model": "muse-spark", "max_tokens": 500, "messages": PROMPT}
WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "description": "The weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}},
}
USE_TOOL: Any = [{"role": "user", "content": "Call get_weather for Rotterdam, 3 days"}]


@pytest.mark.parametrize("is_async", [False, True])
def test_a_message_is_answered_metered_and_named(anthropic: Sdk, ada: Account, books: Books, is_async: bool) -> None:
    called = anthropic.create("messages.create", is_async=is_async, **ASK)

    (event,) = books.events(ada.id)
    message = called.value
    assert (message["type"], message["role"], message["model"]) == ("message", "assistant", "muse-spark")
    assert "bridges" in message["content"][0]["text"]
    assert (message["stop_reason"], message["stop_sequence"]) == ("end_turn", None)
    assert (message["usage"]["input_tokens"], message["usage"]["output_tokens"]) == (event["input"], event["output"])
    if not is_async:
        assert called.headers["request-id"] == called.headers["x-request-id"] == f"req_{event['id'].hex}"
        assert called.request_id == f"req_{event['id'].hex}"


@pytest.mark.parametrize("is_async", [False, True])
def test_a_stream_says_the_same_as_a_whole_answer(anthropic: Sdk, ada: Account, books: Books, is_async: bool) -> None:
    whole = anthropic.create("messages.create", **ASK).value

    called = anthropic.events("messages.create", is_async=is_async, **ASK)

    types = [event["type"] for event in called.events]
    deltas = [event["delta"]["text"] for event in called.events if event["type"] == "content_block_delta"]
    assert (types[0], types[1]) == ("message_start", "content_block_start")
    assert types[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert "".join(deltas) == whole["content"][0]["text"]
    assert called.events[-2]["delta"]["stop_reason"] == "end_turn"
    assert called.events[-2]["usage"]["output_tokens"] == whole["usage"]["output_tokens"]
    assert called.events[-2]["usage"]["input_tokens"] == whole["usage"]["input_tokens"]
    first, second = books.events(ada.id)
    assert (first["input"], first["output"], first["amount"]) == (second["input"], second["output"], second["amount"])


def test_the_helper_accumulates_text_usage_and_stop(anthropic: Sdk) -> None:
    final = anthropic.helper("messages.stream", **ASK | {"max_tokens": 7}).value

    assert (final["stop_reason"], final["usage"]["output_tokens"]) == ("max_tokens", 7)


def test_a_tool_is_called_and_its_result_is_answered(anthropic: Sdk) -> None:
    ask = ASK | {"messages": USE_TOOL, "tools": [WEATHER]}
    called = anthropic.create("messages.create", **ask).value
    streamed = anthropic.helper("messages.stream", **ask).value

    (use,) = called["content"]
    (streamed_use,) = streamed["content"]
    assert (use["type"], use["name"], called["stop_reason"]) == ("tool_use", "get_weather", "tool_use")
    assert use["input"] == streamed_use["input"] == {"city": "rotterdam", "days": 3}
    result = {"type": "tool_result", "tool_use_id": use["id"], "content": [{"type": "text", "text": "Rain"}]}
    block = {name: use[name] for name in ("type", "id", "name", "input")}
    turns = [*USE_TOOL, {"role": "assistant", "content": [block]}, {"role": "user", "content": [result]}]
    answer = anthropic.create("messages.create", **ask | {"messages": turns}).value
    assert (answer["content"][0]["type"], answer["stop_reason"]) == ("text", "end_turn")


def test_a_stop_sequence_is_told(anthropic: Sdk) -> None:
    answer = anthropic.create("messages.create", **ASK, stop_sequences=["never said", "."]).value

    assert (answer["stop_reason"], answer["stop_sequence"]) == ("stop_sequence", ".")


@pytest.mark.parametrize(
    "thinking", [{"type": "enabled", "budget_tokens": 2000}, {"type": "enabled", "budget_tokens": 9000}]
)
def test_thoughts_are_blocks_and_tokens(anthropic: Sdk, ada: Account, books: Books, thinking: dict[str, Any]) -> None:
    ask = ASK | {"model": "demo-thinking", "max_tokens": 8000, "thinking": thinking}

    whole = anthropic.create("messages.create", **ask).value
    streamed = anthropic.helper("messages.stream", **ask).value

    tokens = {2000: 16, 9000: 64}[thinking["budget_tokens"]]
    assert [block["type"] for block in whole["content"]] == ["thinking", "text"]
    assert [block["type"] for block in streamed["content"]] == ["thinking", "text"]
    assert whole["content"][0]["thinking"] == streamed["content"][0]["thinking"] != ""
    assert [event["reasoning"] for event in books.events(ada.id)] == [tokens, tokens]


@pytest.mark.parametrize(
    "source",
    [
        {"type": "url", "url": "https://example.test/toll.png"},
        {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="},
    ],
)
def test_pictures_are_seen_and_counted(anthropic: Sdk, source: dict[str, Any]) -> None:
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}]

    seen = anthropic.create("messages.create", **ASK | {"messages": [{"role": "user", "content": content}]}).value
    blind = anthropic.create("messages.create", **ASK | {"messages": [{"role": "user", "content": content[1:]}]}).value

    assert seen["usage"]["input_tokens"] - blind["usage"]["input_tokens"] == 256


def test_cached_input_is_told_apart_from_other_input(anthropic: Sdk, ada: Account, books: Books) -> None:
    ask = ASK | {"system": f"{ada.id} " + "toll " * 1500}

    first, second = (anthropic.create("messages.create", **ask).value["usage"] for _ in range(2))

    assert (first["cache_read_input_tokens"], second["cache_read_input_tokens"] >= 1024) == (0, True)
    assert second["input_tokens"] + second["cache_read_input_tokens"] == first["input_tokens"]
    assert books.events(ada.id)[1]["cache_read"] == second["cache_read_input_tokens"]


def test_tokens_are_counted_without_charge(anthropic: Sdk, ada: Account, books: Books) -> None:
    called = anthropic.create("messages.count_tokens", model="muse-spark", messages=PROMPT, system="Be short.")

    assert 10 < called.value["input_tokens"] < 40
    assert books.events(ada.id) == []


def test_models_have_a_stage_of_life(anthropic: Sdk) -> None:
    one = anthropic.create("models.retrieve", "muse-spark").value

    assert (one["id"], one["type"], one["display_name"]) == ("muse-spark", "model", "Muse Spark")
    assert one["lifecycle"] == "active"


def test_betas_are_tolerated(anthropic: Sdk) -> None:
    answer = anthropic.create("beta.messages.create", **ASK, betas=["no-such-beta-2031-01-01"]).value

    assert answer["type"] == "message"
