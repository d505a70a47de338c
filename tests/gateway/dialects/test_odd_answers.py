"""Upstreams that say less, more or other than they should."""

import json
from typing import Any

import pytest

from core.usage import TokenCounts
from gateway.dialects.anthropic_messages.reader import MessagesReader
from gateway.dialects.anthropic_messages.usage import Usage, counts_of
from gateway.dialects.events import End, Kind
from gateway.dialects.openai_responses import usage as responses_usage
from gateway.dialects.openai_responses.reader import ResponsesReader
from tests.gateway.dialects.answered import data, named
from tests.gateway.dialects.matrix import NAMES, asks, forwarded

NO_ANSWERS = [b"", b"<html>", b"[]", b"{}", b'{"error":{"message":"no"}}', b'{"type":"error","error":{}}']


@pytest.mark.parametrize("client", NAMES)
@pytest.mark.parametrize("server", ["openai_responses", "anthropic_messages"])
@pytest.mark.parametrize("body", NO_ANSWERS)
def test_what_is_no_answer_is_not_charged(client: str, server: str, body: bytes) -> None:
    with pytest.raises(ValueError):
        forwarded(asks(client), server).reading.whole(body)


@pytest.mark.parametrize("status", ["failed", "cancelled", "queued", "in_progress"])
def test_a_response_that_has_not_ended_is_no_answer(status: str) -> None:
    with pytest.raises(ValueError):
        ResponsesReader().read(json.dumps({"status": status, "output": []}).encode())


def test_an_answer_without_usage_is_estimated() -> None:
    message = {"type": "message", "content": [{"type": "text", "text": "x" * 400}], "stop_reason": "end_turn"}
    reading = forwarded(asks("openai_chat"), "anthropic_messages").reading

    reading.whole(json.dumps(message).encode())

    assert reading.is_estimated
    assert reading.counts().output == 100


def test_a_message_delta_may_leave_out_what_is_as_it_was() -> None:
    first = Usage(input_tokens=7, cache_read_input_tokens=2, cache_creation_input_tokens=9, output_tokens=1)

    counts = counts_of(Usage(output_tokens=30).after(first))

    assert counts == TokenCounts(input=7, cache_read=2, cache_write_5m=9, output=30, requests=1)


def test_writes_to_the_cache_are_told_apart_by_their_lifetimes() -> None:
    usage: Any = json.dumps(
        {"cache_creation_input_tokens": 9, "cache_creation": {"ephemeral_1h_input_tokens": 4}, "output_tokens": 1}
    )
    written = responses_usage.Written(ttl_30m_tokens=5, ttl_12h_tokens=4)
    details = responses_usage.InputDetails(cache_write_tokens=9, cache_write_tokens_details=written)
    reader = MessagesReader()
    reader.read(f'{{"type":"message","content":[{{"type":"text","text":"a"}}],"usage":{usage}}}'.encode())

    assert reader.counts is not None
    other = responses_usage.counts_of(responses_usage.Usage(9, 1, details))
    for counts in (reader.counts, other):
        assert (counts.input, counts.cache_write_5m, counts.cache_write_1h) == (0, 5, 4)


@pytest.mark.parametrize("wrong", [-5, 10**6])
def test_a_detail_never_makes_more_of_a_total(wrong: int) -> None:
    made = responses_usage.OutputDetails(reasoning_tokens=wrong)
    read = responses_usage.InputDetails(cached_tokens=wrong, cache_write_tokens=wrong)

    counts = responses_usage.counts_of(responses_usage.Usage(20, 9, read, made))

    assert (counts.total_input, counts.total_output) == (20, 9)


def test_redacted_thinking_is_carried_back_as_it_came() -> None:
    content = [{"type": "redacted_thinking", "data": "SECRET"}, {"type": "text", "text": "a"}]
    whole = {"type": "message", "content": content, "stop_reason": "end_turn"}
    shown = json.loads(
        forwarded(asks("openai_responses"), "anthropic_messages").reading.whole(json.dumps(whole).encode())
    )

    again = [{"role": "user", "content": "Hi"}, *shown["output"], {"role": "user", "content": "Go on"}]
    sent = json.loads(forwarded(asks("openai_responses", input=again), "anthropic_messages").body)

    assert sent["messages"][1]["content"] == content


def test_blocks_that_no_other_dialect_has_say_nothing() -> None:
    content = [{"type": "server_tool_use", "id": "s", "name": "x", "input": {}}, {"type": "text", "text": "a"}]
    reader = MessagesReader()

    reader.read(json.dumps({"type": "message", "content": content, "stop_reason": "pause_turn"}).encode())

    assert [block.kind for block in reader.answer.blocks] == [Kind.TEXT]
    assert reader.answer.end == End.DONE


def test_a_window_that_is_full_is_a_bound_that_is_met() -> None:
    whole = {"type": "message", "content": [], "stop_reason": "model_context_window_exceeded"}
    answer = json.loads(forwarded(asks("openai_chat"), "anthropic_messages").reading.whole(json.dumps(whole).encode()))

    assert answer["choices"][0]["finish_reason"] == "length"


def test_comments_and_pings_are_no_words() -> None:
    reading = forwarded(asks("openai_chat", stream=True), "anthropic_messages").reading

    shown = [reading.frame(frame) for frame in (b": ka\n\n", b"event: ping\n\n")]

    assert shown == [b"", b""]


def test_nonsense_in_a_stream_is_told_to_the_caller_of_the_reading() -> None:
    reading = forwarded(asks("openai_chat", stream=True), "openai_responses").reading

    with pytest.raises(ValueError):
        reading.frame(b"data: <html>\n\n")


@pytest.mark.parametrize("server", ["openai_responses", "anthropic_messages"])
def test_a_call_is_whole_where_its_arguments_come_at_once(server: str) -> None:
    """Some servers don't stream arguments."""
    item = {"type": "function_call", "call_id": "c1", "name": "roll", "arguments": '{"sides":6}'}
    block = {"type": "tool_use", "id": "c1", "name": "roll", "input": {"sides": 6}}
    reading = forwarded(asks("openai_chat", stream=True), server).reading
    frames = {
        "openai_responses": named({"type": "response.output_item.added", "output_index": 0, "item": item}),
        "anthropic_messages": named({"type": "content_block_start", "index": 0, "content_block": block}),
    }

    shown = reading.frame(frames[server])

    assert b'"arguments":"{\\"sides\\":' in shown.replace(b" ", b"")


def test_a_chat_server_may_name_its_error_as_it_likes() -> None:
    reading = forwarded(asks("anthropic_messages", stream=True), "openai_chat").reading

    shown = reading.frame(data({"error": "out of memory on node 7"}))

    assert (shown, reading.has_failed) == (b"", True)
    assert reading.failed is not None
    assert "node 7" not in reading.failed.message


@pytest.mark.parametrize("name", ["openai_responses", "anthropic_messages"])
def test_what_the_gateway_cant_follow_passes_where_the_dialect_is_the_same(name: str) -> None:
    """Two blocks that grow in turn, and a frame that is no JSON."""
    calls = [{"type": "function_call", "call_id": f"c{at}", "name": "roll", "arguments": ""} for at in range(2)]
    grown = {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "{"}
    begun = [{"type": "response.output_item.added", "output_index": at, "item": calls[at]} for at in range(2)]
    blocks = [
        {"type": "content_block_start", "index": at, "content_block": {"type": "text", "text": ""}} for at in range(2)
    ]
    more = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}}
    frames = {
        "openai_responses": [named(event) for event in (*begun, grown)],
        "anthropic_messages": [named(event) for event in (*blocks, more)],
    }
    reading = forwarded(asks(name, stream=True), name).reading

    for frame in (*frames[name], b"event: new\ndata: not JSON\n\n"):
        assert reading.frame(frame) == frame
    assert not reading.has_failed
