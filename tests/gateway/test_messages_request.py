"""Anthropic's requests as chat completions: what is carried over, and what is refused by name."""

import json
from typing import Any

import msgspec
import pytest

from gateway.dialects.asking import read_messages, read_messages_count
from gateway.dialects.counted import TOKENS_OF_AN_IMAGE
from gateway.dialects.fields import FieldRefused
from tests.gateway.published import SERVED, SPARK

OLD, NEW = "2023-06-01", "2026-10-21"
USER: Any = {"role": "user", "content": "Hi"}
CALL: Any = {"type": "tool_use", "id": "t1", "name": "roll", "input": {}}


def sent(version: str = OLD, **asked: Any) -> dict[str, Any]:
    """What the model server gets, without the model."""
    body = {"model": "muse-spark", "max_tokens": 9, "messages": [USER]} | asked
    request = read_messages(msgspec.json.encode(body), version=version)
    chat: dict[str, Any] = json.loads(request.forward(SPARK, SERVED).body)
    assert chat.pop("model") == "muse-spark"
    return chat


def test_the_plainest_request_has_nothing_added() -> None:
    assert sent() == {"messages": [USER], "max_tokens": 9}


def test_a_stream_asks_for_usage() -> None:
    assert sent(stream=True)["stream_options"] == {"include_usage": True}


def test_the_system_prompt_comes_first() -> None:
    parts = [{"type": "text", "text": "Be"}, {"type": "text", "text": "short", "cache_control": {"type": "ephemeral"}}]

    assert sent(system="Be short")["messages"][0] == {"role": "system", "content": "Be short"}
    assert sent(system=parts[:1])["messages"][0] == {"role": "system", "content": "Be"}
    assert [part["text"] for part in sent(system=parts)["messages"][0]["content"]] == ["Be", "short"]


def test_sampling_and_stops_keep_their_values() -> None:
    chat = sent(temperature=0.5, top_p=0.9, stop_sequences=["\n\n"], metadata={"user_id": "u1"})

    assert (chat["temperature"], chat["top_p"], chat["stop"], chat["user"]) == (0.5, 0.9, ["\n\n"], "u1")


def test_images_travel_as_addresses() -> None:
    sources = [
        {"type": "base64", "media_type": "image/png", "data": "aGk="},
        {"type": "url", "url": "https://example.test/a.png"},
    ]
    content = [{"type": "image", "source": source} for source in sources]

    (message,) = sent(messages=[{"role": "user", "content": content}])["messages"]

    urls = [part["image_url"]["url"] for part in message["content"]]
    assert urls == ["data:image/png;base64,aGk=", "https://example.test/a.png"]


def test_calls_and_results_become_messages_of_their_own() -> None:
    turns = [
        USER,
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Hm", "signature": ""},
                {"type": "text", "text": "Wait"},
                {"type": "tool_use", "id": "t1", "name": "roll", "input": {"sides": 6}},
                {"type": "tool_use", "id": "t2", "name": "roll", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "There"},
                {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "4"}]},
                {"type": "tool_result", "tool_use_id": "t2", "content": "no dice", "is_error": True},
            ],
        },
    ]

    _, said, first, second, rest = sent(messages=turns)["messages"]

    assert said["content"] == "Wait"
    assert [(call["id"], call["function"]) for call in said["tool_calls"]] == [
        ("t1", {"name": "roll", "arguments": '{"sides":6}'}),
        ("t2", {"name": "roll", "arguments": "{}"}),
    ]
    assert first == {"role": "tool", "tool_call_id": "t1", "content": "4"}
    assert second == {"role": "tool", "tool_call_id": "t2", "content": "Error: no dice"}
    assert rest == {"role": "user", "content": "There"}


def test_tools_are_functions() -> None:
    tool = {"name": "roll", "description": "Dice", "input_schema": {"type": "object"}, "strict": True}

    (function,) = sent(tools=[tool])["tools"]

    told = {"name": "roll", "parameters": {"type": "object"}, "description": "Dice", "strict": True}
    assert function == {"type": "function", "function": told}


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"type": "auto"}, "auto"),
        ({"type": "any"}, "required"),
        ({"type": "none"}, "none"),
        ({"type": "tool", "name": "roll"}, {"type": "function", "function": {"name": "roll"}}),
    ],
)
def test_the_choice_among_tools(choice: dict[str, Any], said: object) -> None:
    tools = [{"name": "roll", "input_schema": {"type": "object"}}]

    assert sent(tools=tools, tool_choice=choice)["tool_choice"] == said
    assert sent(tools=tools, tool_choice=choice | {"disable_parallel_tool_use": True})["parallel_tool_calls"] is False


@pytest.mark.parametrize(
    ("asked", "effort"),
    [
        ({"thinking": {"type": "disabled"}}, "none"),
        ({"thinking": {"type": "adaptive"}}, None),
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, "low"),
        ({"thinking": {"type": "enabled", "budget_tokens": 4096}}, "medium"),
        ({"thinking": {"type": "enabled", "budget_tokens": 16384}}, "high"),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}}, "max"),
    ],
)
def test_thinking_is_an_effort(asked: dict[str, Any], effort: str | None) -> None:
    assert sent(**asked).get("reasoning_effort") == effort


def test_an_output_schema_is_a_response_format() -> None:
    format_ = {"type": "json_schema", "schema": {"type": "object"}}

    said = sent(output_config={"format": format_})["response_format"]

    assert said == {
        "type": "json_schema",
        "json_schema": {"name": "output", "schema": {"type": "object"}, "strict": True},
    }


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"max_tokens": 0}, "max_tokens"),
        ({"model": ""}, "model"),
        ({"messages": []}, "messages"),
        ({"messages": [USER, {"role": "assistant", "content": "The answer is"}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "document", "source": {}}]}]}, "messages"),
        ({"messages": [{"role": "user", "content": [CALL]}]}, "messages"),
        ({"tools": [{"type": "web_search_20260101", "name": "web_search"}]}, "tools"),
        ({"tools": [{"name": "a", "input_schema": {}, "defer_loading": True}]}, "tools"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice"),
        ({"thinking": {"type": "between_tools"}}, "thinking"),
        ({"top_k": 4}, "top_k"),
        ({"speed": "fast"}, "speed"),
        ({"service_tier": "priority"}, "service_tier"),
        ({"inference_geo": "eu"}, "inference_geo"),
        ({"prefill": "{"}, "prefill"),
    ],
)
def test_what_cant_be_carried_over_is_named(asked: dict[str, Any], param: str) -> None:
    with pytest.raises(FieldRefused) as caught:
        sent(**asked)

    assert caught.value.param == param


@pytest.mark.parametrize("name", ["temperature", "top_p", "top_k"])
def test_the_newer_version_has_no_sampling(name: str) -> None:
    with pytest.raises(FieldRefused) as caught:
        sent(NEW, **{name: 1})

    assert caught.value.param == name


def test_what_changes_nothing_is_let_pass() -> None:
    asked: dict[str, Any] = {
        "diagnostics": {},
        "cache_control": {"type": "ephemeral"},
        "speed": None,
        "mcp_servers": [],
    }

    assert sent(NEW, **asked) == sent(NEW)


def test_more_than_the_model_has_is_refused_in_the_callers_words() -> None:
    body = {"model": "muse-spark", "max_tokens": 8193, "messages": [USER]}

    with pytest.raises(FieldRefused, match="max_tokens is 8,193"):
        read_messages(msgspec.json.encode(body), version=OLD).most_output(SPARK)


def test_tokens_are_counted_by_the_published_rule() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 90_000}}
    text = {"type": "text", "text": "x" * 400}

    def count(*content: Any) -> int:
        body = {"model": "m", "messages": [{"role": "user", "content": list(content)}]}
        return read_messages_count(msgspec.json.encode(body), version=NEW).estimated_input()

    assert 100 <= count(text) <= 120
    assert count(text, image, image) == count(text) + 2 * TOKENS_OF_AN_IMAGE
