"""Chat completions, whole and in chunks, as the answers of the other dialects."""

import json
from typing import Any

import pytest

from core.usage import TokenCounts
from core.verdict import Refusal, Verdict
from gateway.dialects import anthropic_messages, openai_responses
from gateway.dialects.asking import read_messages, read_responses
from gateway.dialects.dialect import Reading
from tests.gateway.published import SERVED, SPARK

USAGE = {
    "prompt_tokens": 20,
    "completion_tokens": 9,
    "prompt_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 3},
    "completion_tokens_details": {"reasoning_tokens": 4},
}
CALLS = [
    {"index": 0, "id": "c1", "function": {"name": "roll", "arguments": ""}},
    {"index": 0, "function": {"arguments": '{"sides":'}},
    {"index": 0, "function": {"arguments": "6}"}},
    {"index": 1, "id": "c2", "function": {"name": "flip", "arguments": "{}"}},
]
DONE = b"data: [DONE]\n\n"
BOTH = pytest.mark.parametrize("dialect", [anthropic_messages, openai_responses])


def messages() -> Reading:
    body = b'{"model":"muse-spark","max_tokens":9,"messages":[{"role":"user","content":"12345678"}]}'
    return read_messages(body, version="2023-06-01").forward(SPARK, SERVED).reading


def responses() -> Reading:
    return read_responses(b'{"model":"muse-spark","input":"12345678"}').forward(SPARK, SERVED).reading


def reading(dialect: object) -> Reading:
    return messages() if dialect is anthropic_messages else responses()


def chunk(delta: dict[str, Any], **rest: Any) -> bytes:
    payload = {"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": None} | rest]}
    return b"data: " + json.dumps(payload).encode() + b"\n\n"


def usage(**counts: Any) -> bytes:
    return b"data: " + json.dumps({"choices": [], "usage": USAGE | counts}).encode() + b"\n\n"


def shown(reading: Reading, *frames: bytes) -> list[dict[str, Any]]:
    data = b"".join([reading.frame(frame) for frame in (*frames, DONE)]) + reading.last_frames()
    return [json.loads(frame.split(b"data: ")[1]) for frame in data.split(b"\n\n")[:-1]]


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"].removeprefix("response.") for event in events]


def test_blocks_of_a_message_follow_one_another() -> None:
    frames = [chunk({"reasoning_content": "Hm"}), chunk({"content": "A"}), *(chunk({"tool_calls": [c]}) for c in CALLS)]

    events = shown(
        messages(), chunk({"role": "assistant", "content": ""}), *frames, chunk({}, finish_reason="tool_calls")
    )

    blocks = [(event["index"], event["content_block"]) for event in events if event["type"] == "content_block_start"]
    stops = [event["index"] for event in events if event["type"] == "content_block_stop"]
    partial = [
        event["delta"]["partial_json"] for event in events if event.get("delta", {}).get("type") == "input_json_delta"
    ]
    assert [(index, block["type"]) for index, block in blocks] == list(
        enumerate(["thinking", "text", "tool_use", "tool_use"])
    )
    assert (blocks[2][1]["id"], blocks[3][1]["name"]) == ("c1", "flip")
    assert stops == [0, 1, 2, 3]
    assert "".join(partial) == '{"sides":6}{}'
    assert events[-2]["delta"] == {"stop_reason": "tool_use", "stop_sequence": None}


def test_items_of_a_response_follow_one_another() -> None:
    frames = [chunk({"reasoning": "Hm"}), chunk({"content": "A"}), *(chunk({"tool_calls": [c]}) for c in CALLS)]

    events = shown(responses(), *frames, chunk({}, finish_reason="tool_calls"), usage())

    output = events[-1]["response"]["output"]
    done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert [item["type"] for item in output] == ["reasoning", "message", "function_call", "function_call"]
    assert done == output
    assert (output[2]["call_id"], output[2]["arguments"], output[3]["name"]) == ("c1", '{"sides":6}', "flip")
    assert types(events)[:2] == ["created", "in_progress"]
    assert types(events).count("function_call_arguments.done") == 2
    assert [event["sequence_number"] for event in events] == list(range(len(events)))


def test_usage_of_a_message_leaves_cached_tokens_out() -> None:
    told = shown(messages(), chunk({"content": "A"}, finish_reason="stop"), usage())[-2]["usage"]

    assert told == {
        "input_tokens": 12,
        "cache_creation_input_tokens": 3,
        "cache_read_input_tokens": 5,
        "output_tokens": 9,
        "output_tokens_details": {"thinking_tokens": 4},
    }


def test_usage_of_a_response_includes_cached_tokens() -> None:
    told = shown(responses(), chunk({"content": "A"}, finish_reason="stop"), usage())[-1]["response"]["usage"]

    assert told == {
        "input_tokens": 20,
        "input_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 3},
        "output_tokens": 9,
        "output_tokens_details": {"reasoning_tokens": 4},
        "total_tokens": 29,
    }


def test_the_first_usage_of_a_message_is_the_estimate() -> None:
    first = shown(messages(), chunk({"content": "A"}, finish_reason="stop"), usage())[0]

    assert first["message"]["usage"]["input_tokens"] == -(-len('[{"role":"user","content":"12345678"}]') // 4)
    assert first["message"]["usage"]["output_tokens"] == 0


@BOTH
def test_without_usage_each_delta_is_a_token(dialect: object) -> None:
    counted = reading(dialect)
    shown(counted, chunk({"content": "A"}), chunk({"reasoning": "B"}), chunk({"content": "C"}, finish_reason="stop"))

    assert counted.is_estimated
    assert counted.counts() == TokenCounts(input=counted.counts().input, output=2, reasoning=1, requests=1)


@pytest.mark.parametrize(
    ("choice", "reason", "sequence", "status"),
    [
        ({"finish_reason": "stop"}, "end_turn", None, "completed"),
        ({"finish_reason": "stop", "stop_reason": "."}, "stop_sequence", ".", "completed"),
        ({"finish_reason": "stop", "stop_reason": 128001}, "end_turn", None, "completed"),
        ({"finish_reason": "length"}, "max_tokens", None, "incomplete"),
        ({"finish_reason": "content_filter"}, "refusal", None, "incomplete"),
        ({"finish_reason": "of another house"}, "end_turn", None, "completed"),
    ],
)
def test_why_it_ended(choice: dict[str, Any], reason: str, sequence: str | None, status: str) -> None:
    delta = shown(messages(), chunk({"content": "A"}, **choice))[-2]["delta"]
    last = shown(responses(), chunk({"content": "A"}, **choice))[-1]

    assert delta == {"stop_reason": reason, "stop_sequence": sequence}
    assert (last["type"], last["response"]["status"]) == (f"response.{status}", status)


def test_calls_end_a_turn_whatever_the_model_server_says() -> None:
    assert (
        shown(messages(), chunk({"tool_calls": [CALLS[3]]}, finish_reason="stop"))[-2]["delta"]["stop_reason"]
        == "tool_use"
    )


def test_a_refusal_is_said_in_either_way() -> None:
    frames = chunk({"refusal": "I won't"}), chunk({}, finish_reason="stop")

    message, response = shown(messages(), *frames), shown(responses(), *frames)

    assert message[-2]["delta"]["stop_reason"] == "refusal"
    assert response[-1]["response"]["output"][0]["content"] == [{"type": "refusal", "refusal": "I won't"}]
    assert "refusal.delta" in types(response)


@BOTH
def test_whole_answers_have_the_same_content(dialect: object) -> None:
    said = {"content": "A", "tool_calls": [{"id": "c1", "function": {"name": "roll", "arguments": '{"a":1}'}}]}
    body = {"choices": [{"message": said, "finish_reason": "tool_calls"}], "usage": USAGE}

    answer = json.loads(reading(dialect).whole(json.dumps(body).encode()))

    if dialect is anthropic_messages:
        assert [block["type"] for block in answer["content"]] == ["text", "tool_use"]
        assert answer["content"][1]["input"] == {"a": 1}
    else:
        assert [item["type"] for item in answer["output"]] == ["message", "function_call"]
        assert answer["output"][1]["arguments"] == '{"a":1}'


def test_half_a_call_is_shown_as_what_it_is() -> None:
    call = {"id": "c1", "function": {"name": "roll", "arguments": '{"sid'}}
    body = {"choices": [{"message": {"tool_calls": [call]}, "finish_reason": "length"}]}

    answer = json.loads(messages().whole(json.dumps(body).encode()))

    assert (answer["content"][0]["input"], answer["stop_reason"]) == ({"INVALID_JSON": '{"sid'}, "max_tokens")


@BOTH
@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"choices":[]}', b'{"choices":[{"message":{"content":7}}]}'])
def test_what_is_no_answer_is_told_so(dialect: object, body: bytes) -> None:
    with pytest.raises(ValueError):
        reading(dialect).whole(body)


@BOTH
def test_calls_that_are_mixed_are_no_answer(dialect: object) -> None:
    """Neither dialect can go back to a block that has ended."""
    mixed = reading(dialect)
    mixed.frame(chunk({"tool_calls": [CALLS[0]]}))
    mixed.frame(chunk({"tool_calls": [CALLS[3]]}))

    with pytest.raises(ValueError, match="Block 0 goes on"):
        mixed.frame(chunk({"tool_calls": [CALLS[1]]}))


@BOTH
def test_a_failure_ends_the_stream_in_the_dialects_way(dialect: object) -> None:
    broken = reading(dialect)
    broken.frame(chunk({"content": "A"}))

    last = broken.failure(Verdict(Refusal.UPSTREAM_UNAVAILABLE, "Gone.")).split(b"\n\n")[-2]

    type_, data = last.split(b"\n")
    payload = json.loads(data[6:])
    if dialect is anthropic_messages:
        assert (type_, payload["error"]) == (b"event: error", {"type": "api_error", "message": "Gone."})
    else:
        assert (type_, payload["response"]["status"]) == (b"event: response.failed", "failed")
        assert payload["response"]["usage"]["output_tokens"] == 1


@BOTH
def test_a_stream_without_a_word_still_begins_and_ends(dialect: object) -> None:
    events = types(shown(reading(dialect)))

    assert events in (["message_start", "message_delta", "message_stop"], ["created", "in_progress", "completed"])
