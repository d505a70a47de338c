"""OpenAI's responses as chat completions: what is carried over, and what is refused by name."""

import json
from typing import Any

import msgspec
import pytest

from gateway.dialects.asking import read_responses
from gateway.dialects.fields import FieldRefused
from tests.gateway.published import SERVED, SPARK

CALL = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "roll", "arguments": '{"sides":6}'}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "4"}


def sent(**asked: Any) -> dict[str, Any]:
    request = read_responses(msgspec.json.encode({"model": "muse-spark", "input": "Hi"} | asked))
    chat: dict[str, Any] = json.loads(request.forward(SPARK, SERVED).body)
    assert chat.pop("model") == "muse-spark"
    return chat


def test_a_text_is_what_the_user_says() -> None:
    assert sent() == {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": SPARK.max_output_tokens}
    assert sent(max_output_tokens=7)["max_tokens"] == 7


def test_instructions_come_first() -> None:
    first, _ = sent(instructions="Be short", input=[{"role": "user", "content": "Hi"}])["messages"]

    assert first == {"role": "system", "content": "Be short"}


def test_what_the_assistant_said_and_called_is_one_message() -> None:
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Wait"}]}
    thought = {"type": "reasoning", "id": "rs_1", "summary": []}
    items = [{"role": "user", "content": "Roll"}, thought, said, CALL, CALL | {"call_id": "c2"}, OUTPUT]

    _, assistant, tool = sent(input=items)["messages"]

    assert (assistant["role"], assistant["content"]) == ("assistant", "Wait")
    assert [call["id"] for call in assistant["tool_calls"]] == ["c1", "c2"]
    assert assistant["tool_calls"][0]["function"] == {"name": "roll", "arguments": '{"sides":6}'}
    assert tool == {"role": "tool", "tool_call_id": "c1", "content": "4"}


def test_calls_without_words_are_a_message_too() -> None:
    assistant, _ = sent(input=[CALL, OUTPUT])["messages"]

    assert (assistant["content"], len(assistant["tool_calls"])) == (None, 1)


def test_parts_are_texts_and_images() -> None:
    parts = [{"type": "input_text", "text": "See"}, {"type": "input_image", "image_url": "data:,x", "detail": "low"}]

    (message,) = sent(input=[{"role": "user", "content": parts}])["messages"]

    text, image = message["content"]
    assert text == {"type": "text", "text": "See"}
    assert image == {"type": "image_url", "image_url": {"url": "data:,x", "detail": "low"}}


def test_a_developer_speaks_as_the_system() -> None:
    (message, _) = sent(input=[{"role": "developer", "content": "Be short"}, {"role": "user", "content": "Hi"}])[
        "messages"
    ]

    assert message == {"role": "system", "content": "Be short"}


def test_functions_and_the_choice_among_them() -> None:
    tool = {"type": "function", "name": "roll", "parameters": {"type": "object"}, "strict": True}

    chat = sent(tools=[tool], tool_choice={"type": "function", "name": "roll"}, parallel_tool_calls=False)

    (function,) = chat["tools"]
    told = {"name": "roll", "parameters": {"type": "object"}, "strict": True}
    assert function == {"type": "function", "function": told}
    assert chat["tool_choice"] == {"type": "function", "function": {"name": "roll"}}
    assert chat["parallel_tool_calls"] is False


@pytest.mark.parametrize(
    ("format_", "said"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, {"type": "json_object"}),
        (
            {"type": "json_schema", "name": "a", "schema": {"type": "object"}, "strict": True},
            {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}, "strict": True}},
        ),
    ],
)
def test_the_text_format_is_a_response_format(format_: dict[str, Any], said: object) -> None:
    assert sent(text={"format": format_}).get("response_format") == said


def test_fields_of_the_same_meaning_keep_their_names() -> None:
    asked: dict[str, Any] = {
        "temperature": 0.5,
        "top_p": 0.9,
        "user": "u1",
        "service_tier": "auto",
        "prompt_cache_key": "k",
    }

    assert sent(**asked, reasoning={"effort": "low"}).items() >= (asked | {"reasoning_effort": "low"}).items()


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"store": True}, "store"),
        ({"background": True}, "background"),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": {"id": "conv_1"}}, "conversation"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt"),
        ({"truncation": "auto"}, "truncation"),
        ({"include": ["message.output_text.logprobs"]}, "include"),
        ({"tools": [{"type": "web_search"}]}, "tools"),
        ({"tool_choice": {"type": "web_search"}}, "tool_choice"),
        ({"input": []}, "input"),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "input"),
        ({"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]}, "input"),
        ({"input": [{"role": "assistant", "content": [{"type": "input_image", "image_url": "x"}]}]}, "input"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"text": {"format": {"type": "grammar"}}}, "text"),
    ],
)
def test_what_cant_be_carried_over_is_named(asked: dict[str, Any], param: str) -> None:
    with pytest.raises(FieldRefused) as caught:
        sent(**asked)

    assert caught.value.param == param


def test_what_says_the_usual_is_let_pass() -> None:
    asked: dict[str, Any] = {
        "store": False,
        "background": None,
        "truncation": "disabled",
        "include": [],
        "verbosity": "x",
    }

    assert sent(**asked) == sent()


def test_more_than_the_model_has_is_refused_in_the_callers_words() -> None:
    request = read_responses(b'{"model":"muse-spark","input":"Hi","max_output_tokens":8193}')

    with pytest.raises(FieldRefused, match="max_output_tokens is 8,193") as caught:
        request.most_output(SPARK)

    assert caught.value.param == "max_output_tokens"
