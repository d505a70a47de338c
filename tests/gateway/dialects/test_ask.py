"""One request and several upstreams: what bounds it, what is told, and who can't be asked."""

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire import ModelFacts
from gateway.dialects.asking import read_chat, read_messages, read_responses
from gateway.dialects.fields import FieldRefused
from gateway.dialects.registry import DIALECTS
from tests.gateway.dialects.asked import ASKED
from tests.gateway.dialects.matrix import CELLS, NAMES, asks, forwarded
from tests.gateway.published import SPARK, upstream

OURS, THEIRS = "openai_chat", "anthropic_messages"
SEALED = "sealed-by:openai_responses:rs_1:SEAL"


def served_by(*dialects: str) -> ModelFacts:
    return replace(SPARK, upstreams=tuple(upstream("theirs", dialect=dialect) for dialect in dialects))


@pytest.mark.parametrize(("client", "server"), CELLS)
@pytest.mark.parametrize("scenario", ASKED[OURS])
def test_what_is_measured_is_no_less_than_what_is_sent(client: str, server: str, scenario: str) -> None:
    """Fields that the gateway adds are no part of the prompt."""
    ask = asks(client, scenario)

    sent = json.loads(forwarded(ask, server).body)

    prompt = {name: sent[name] for name in DIALECTS[server].prompt_fields if name in sent}
    assert len(ask.measured(served_by(server))) >= len(msgspec.json.encode(prompt))


@given(st.text(max_size=50))
def test_the_longest_body_is_what_is_measured(said: str) -> None:
    body = msgspec.json.encode({"model": "muse-spark", "messages": [{"role": "user", "content": said}]})

    alone = [len(read_chat(body).measured(served_by(name))) for name in NAMES]

    assert len(read_chat(body).measured(served_by(*NAMES))) == max(alone)


def test_room_is_left_for_what_a_server_adds() -> None:
    ask = asks(THEIRS)

    assert len(ask.measured(served_by(THEIRS))) == len(ask.asked.body) + DIALECTS[THEIRS].preamble


def test_one_upstream_that_can_be_told_is_enough() -> None:
    ask = asks(OURS, seed=7, stop=["."])

    assert b'"stop"' in ask.measured(served_by("openai_responses", OURS))
    with pytest.raises(FieldRefused, match="stop can't be served") as caught:
        ask.measured(served_by("openai_responses"))
    assert caught.value.param == "stop"


@pytest.mark.parametrize("value", [0, 0.0, None])
def test_what_changes_nothing_needs_no_word(value: float | None) -> None:
    body = json.loads(forwarded(asks(OURS, frequency_penalty=value), THEIRS).body)

    assert "frequency_penalty" not in body


def test_a_translation_names_the_models_bound_where_the_caller_named_none() -> None:
    sent = [json.loads(forwarded(asks(OURS, "json"), name).body) for name in NAMES]

    bounds = [{**body}.get("max_tokens") or body["max_output_tokens"] for body in sent]
    assert bounds == [SPARK.max_output_tokens] * 3


def test_responses_are_never_stored_where_they_pass() -> None:
    sent = json.loads(forwarded(read_responses(b'{"model":"muse-spark","input":"Hi"}'), "openai_responses").body)

    assert sent == {
        "model": "theirs",
        "input": "Hi",
        "store": False,
        "max_output_tokens": SPARK.max_output_tokens,
    }


def test_messages_pass_as_they_were_written() -> None:
    body = b'{"model":"theirs","max_tokens":5,"top_k":3,"messages":[{"role":"user",  "content":"caf\\u00e9"}]}'

    sent = forwarded(read_messages(body, version="2023-06-01"), THEIRS)

    assert sent.body == body
    assert sent.headers == {"anthropic-version": "2023-06-01"}


def test_thinking_that_others_sealed_does_not_reach_a_messages_server() -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "thinking", "thinking": "Hm", "signature": SEALED},
        {"type": "thinking", "thinking": "Ah", "signature": "NATIVE"},
        {"type": "text", "text": f"I read {SEALED} somewhere"},
    ]
    turns: list[dict[str, Any]] = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": blocks}]

    sent = json.loads(forwarded(asks(THEIRS, messages=[*turns, {"role": "user", "content": SEALED}]), THEIRS).body)

    assert sent["messages"] == [turns[0], {"role": "assistant", "content": blocks[1:]}, turns[0] | {"content": SEALED}]


def test_reasoning_that_others_sealed_does_not_reach_a_responses_server() -> None:
    items: list[dict[str, Any]] = [
        {"type": "reasoning", "id": "a", "summary": [], "encrypted_content": "sealed-by:openai_chat::"},
        {"type": "reasoning", "id": "b", "summary": [], "encrypted_content": "NATIVE"},
        {"role": "user", "content": "sealed-by:openai_chat::"},
    ]

    sent = json.loads(forwarded(asks("openai_responses", input=items), "openai_responses").body)

    assert sent["input"] == items[1:]


def test_a_servers_word_for_calls_is_made_one_that_messages_take() -> None:
    call = {"id": "functions.roll:0", "type": "function", "function": {"name": "roll", "arguments": "{}"}}
    turns = [
        {"role": "user", "content": "Roll"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "functions.roll:0", "content": "4"},
    ]

    _, said, result = json.loads(forwarded(asks(OURS, messages=turns), THEIRS).body)["messages"]

    assert said["content"][0]["id"] == result["content"][0]["tool_use_id"] == "functions_roll_0"


@pytest.mark.parametrize("client", NAMES)
def test_customers_are_known_by_their_callers_name(client: str) -> None:
    assert asks(client).customer == "customer-7"


@pytest.mark.parametrize(("client", "server"), CELLS)
def test_customers_are_told_to_the_upstream(client: str, server: str) -> None:
    assert b"customer-7" in forwarded(asks(client), server).body
