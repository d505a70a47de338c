"""The demo model calls the tools that a prompt names, with arguments that fit their schemas."""

import json
from typing import Any

import pytest

from sandbox.model.errors import Refused
from sandbox.model.generation import IMAGE_TOKENS, Generation, generate
from sandbox.model.prefix_cache import PrefixCache
from sandbox.model.tokenizer import pieces

PROPERTIES: dict[str, Any] = {
    "city": {"type": "string"},
    "days": {"type": "integer"},
    "unit": {"enum": ["celsius", "kelvin"]},
    "exact": {"type": "boolean"},
    "tags": {"type": "array"},
}
WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": {"properties": PROPERTIES}}}
TIME = {"type": "function", "function": {"name": "get_time"}}


def answer(content: Any, **options: Any) -> Generation:
    body = {"model": "muse-spark", "messages": [{"role": "user", "content": content}]} | options
    return generate(body, PrefixCache())


def names(generation: Generation) -> list[str]:
    return [call.name for call in generation.calls]


def test_a_tool_that_is_named_is_called_with_what_the_prompt_says() -> None:
    generation = answer("Please call get_weather for Rotterdam, 3 days", tools=[WEATHER, TIME])

    (call,) = generation.calls
    arguments = json.loads("".join(call.pieces))
    assert arguments == {"city": "rotterdam", "days": 3, "unit": "celsius", "exact": True, "tags": []}
    assert (generation.finish_reason, generation.emitted) == ("tool_calls", [])
    assert generation.usage()["completion_tokens"] == len(pieces("get_weather")) + len(call.pieces)


@pytest.mark.parametrize(
    ("prompt", "choice", "called"),
    [
        ("Hello", None, []),
        ("get_time and get_weather", None, ["get_weather", "get_time"]),
        ("get_time", "none", []),
        ("Hello", "required", ["get_weather"]),
        ("get_weather", {"type": "function", "function": {"name": "get_time"}}, ["get_time"]),
    ],
)
def test_the_prompt_and_the_choice_decide(prompt: str, choice: object, called: list[str]) -> None:
    assert names(answer(prompt, tools=[WEATHER, TIME], tool_choice=choice)) == called


def test_one_at_a_time_where_asked() -> None:
    generation = answer("get_time and get_weather", tools=[WEATHER, TIME], parallel_tool_calls=False)

    assert names(generation) == ["get_weather"]


def test_after_a_result_it_speaks() -> None:
    call = answer("get_time", tools=[TIME]).calls[0].as_message()
    turns = [
        {"role": "user", "content": "get_time"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": "noon, says get_time"},
    ]

    generation = answer("", tools=[TIME], messages=turns)

    assert (generation.calls, generation.finish_reason) == ([], "stop")


def test_a_call_that_does_not_fit_is_not_made() -> None:
    assert names(answer("get_weather", tools=[WEATHER], max_tokens=3)) == []


def test_tools_and_images_are_counted() -> None:
    text = {"type": "text", "text": "What is it?"}
    image = {"type": "image_url", "image_url": {"url": "https://example.test/a.png"}}
    plain = answer([text]).prompt_tokens

    assert answer([image, text, image]).prompt_tokens == plain + 2 * IMAGE_TOKENS
    assert answer([text], tools=[TIME]).prompt_tokens == plain + len(
        pieces(json.dumps([TIME], sort_keys=True, separators=(",", ":")))
    )


def test_the_stop_text_that_was_met_is_told() -> None:
    assert answer("Hello", stop=["never said", "."]).stop_reason == "."
    assert answer("Hello", stop=["never said"]).stop_reason is None


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"tools": [TIME], "tool_choice": {"type": "function", "function": {"name": "none"}}}, "tool_choice"),
    ],
)
def test_a_field_at_fault_is_named(options: dict[str, Any], param: str) -> None:
    with pytest.raises(Refused) as caught:
        answer("Hello", **options)

    assert caught.value.param == param
