"""The Responses surface, as callers of OpenAI's SDK see it."""

from typing import Any

import pytest

from tests.conformance.sdk import Sdk
from tests.gateway.books import Books
from tests.gateway.published import Account

ASK: dict[str, Any] = {"model": "muse-spark", "input": "Tell me about bridges", "max_output_tokens": 500}
WEATHER: dict[str, Any] = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}},
    "strict": False,
}
USE_TOOL = "Call get_weather for Rotterdam, 3 days"


def text_of(response: dict[str, Any]) -> str:
    return "".join(part["text"] for item in response["output"] for part in item.get("content") or [])


@pytest.mark.parametrize("is_async", [False, True])
def test_a_response_is_answered_metered_and_named(openai: Sdk, ada: Account, books: Books, is_async: bool) -> None:
    called = openai.create("responses.create", is_async=is_async, **ASK)

    (event,) = books.events(ada.id)
    response = called.value
    assert (response["object"], response["model"], response["status"]) == ("response", "muse-spark", "completed")
    assert "bridges" in text_of(response)
    assert (response["usage"]["input_tokens"], response["usage"]["output_tokens"]) == (event["input"], event["output"])
    assert response["usage"]["total_tokens"] == event["input"] + event["output"]
    assert (response["max_output_tokens"], response["store"]) == (500, False)
    if not is_async:
        assert called.headers["x-request-id"] == called.headers["request-id"] == f"req_{event['id'].hex}"
        assert called.request_id == f"req_{event['id'].hex}"


@pytest.mark.parametrize("is_async", [False, True])
def test_a_stream_says_the_same_as_a_whole_answer(openai: Sdk, ada: Account, books: Books, is_async: bool) -> None:
    whole = openai.create("responses.create", **ASK).value

    events = openai.events("responses.create", is_async=is_async, **ASK).events

    deltas = [event["delta"] for event in events if event["type"] == "response.output_text.delta"]
    first, last = events[0], events[-1]
    assert (first["type"], last["type"]) == ("response.created", "response.completed")
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert "".join(deltas) == text_of(whole) == text_of(last["response"])
    assert last["response"]["usage"] == whole["usage"]
    one, other = books.events(ada.id)
    assert (one["input"], one["output"], one["amount"]) == (other["input"], other["output"], other["amount"])


def test_the_helper_accumulates_the_response(openai: Sdk) -> None:
    called = openai.helper("responses.stream", **ASK)

    assert called.value["status"] == "completed"
    assert "bridges" in text_of(called.value)
    assert called.events[-1] == "response.completed"


def test_an_answer_that_is_cut_off_is_incomplete(openai: Sdk) -> None:
    ask = ASK | {"max_output_tokens": 7}

    whole = openai.create("responses.create", **ask).value
    last = openai.events("responses.create", **ask).events[-1]

    assert (whole["status"], whole["incomplete_details"]["reason"]) == ("incomplete", "max_output_tokens")
    assert (last["type"], last["response"]["usage"]["output_tokens"]) == ("response.incomplete", 7)
    assert whole["output"][0]["status"] == last["response"]["output"][0]["status"] == "incomplete"


def test_a_function_is_called_and_its_output_is_answered(openai: Sdk) -> None:
    ask = ASK | {"input": USE_TOOL, "tools": [WEATHER]}
    (call,) = openai.create("responses.create", **ask).value["output"]
    (streamed,) = openai.helper("responses.stream", **ask).value["output"]

    assert (call["type"], call["name"]) == ("function_call", "get_weather")
    assert call["arguments"] == streamed["arguments"] == '{"city": "rotterdam", "days": 3}'
    turns = [
        {"role": "user", "content": USE_TOOL},
        {name: call[name] for name in ("type", "id", "call_id", "name", "arguments")},
        {"type": "function_call_output", "call_id": call["call_id"], "output": "Rain"},
    ]
    answer = openai.create("responses.create", **ask | {"input": turns}).value
    assert [item["type"] for item in answer["output"]] == ["message"]


def test_thoughts_are_items_and_tokens(openai: Sdk, ada: Account, books: Books) -> None:
    ask = ASK | {"model": "demo-thinking", "reasoning": {"effort": "medium"}}

    whole = openai.create("responses.create", **ask).value
    events = openai.events("responses.create", **ask).events

    thoughts = [event["delta"] for event in events if event["type"] == "response.reasoning_text.delta"]
    assert [item["type"] for item in whole["output"]] == ["reasoning", "message"]
    assert "".join(thoughts) == whole["output"][0]["content"][0]["text"] != ""
    assert whole["usage"]["output_tokens_details"]["reasoning_tokens"] == 64
    assert [event["reasoning"] for event in books.events(ada.id)] == [64, 64]


def test_pictures_are_seen_and_counted(openai: Sdk) -> None:
    text = {"type": "input_text", "text": "What is it?"}
    image = {"type": "input_image", "image_url": "https://example.test/toll.png", "detail": "low"}

    seen, blind = (
        openai.create("responses.create", **ASK | {"input": [{"role": "user", "content": parts}]}).value
        for parts in ([image, text], [text])
    )

    assert seen["usage"]["input_tokens"] - blind["usage"]["input_tokens"] == 256


@pytest.mark.parametrize(
    ("field", "value"),
    [("store", True), ("background", True), ("previous_response_id", "resp_1"), ("conversation", "conv_1")],
)
def test_what_would_have_to_be_stored_is_refused_by_name(
    openai: Sdk, ada: Account, books: Books, field: str, value: object
) -> None:
    called = openai.refused("responses.create", **ASK | {field: value})

    assert (called.raised["class"], called.raised["param"], called.attempts) == ("BadRequestError", field, 1)
    assert "not stored" in called.raised["message"]
    assert books.events(ada.id) == []


def test_there_is_no_stored_response(openai: Sdk) -> None:
    called = openai.refused("responses.retrieve", "resp_1")

    assert (called.raised["class"], called.raised["code"], called.attempts) == ("NotFoundError", "not_offered", 1)
