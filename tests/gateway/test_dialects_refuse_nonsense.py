"""Whatever is sent, a translated dialect understands it or refuses it by name: never an error of its own."""

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.asking import read_messages, read_responses
from gateway.dialects.fields import FieldRefused
from sandbox.model import fields as demo
from sandbox.model.tokenizer import pieces
from tests.gateway.published import SERVED, SPARK

NAMES = st.sampled_from(
    """
    type text role user assistant system content messages input tools tool_choice name input_schema parameters function
    tool_use tool_result tool_use_id id image source base64 url data media_type input_text input_image image_url
    message function_call function_call_output call_id arguments output reasoning thinking enabled budget_tokens
    format json_schema schema auto any tool none stop_sequences max_tokens instructions
    """.split()  # noqa: SIM905 - A paragraph reads better than fifty quoted words.
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 5) | NAMES | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
FIELDS = (
    "messages",
    "input",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "reasoning",
    "text",
    "output_config",
    "stop",
)


def read(body: bytes) -> None:
    for reader in (lambda given: read_messages(given, version="2023-06-01"), read_responses):
        with contextlib.suppress(FieldRefused):
            request = reader(body)
            request.most_output(SPARK)
            assert b'"messages":[' in request.forward(SPARK, SERVED).body


@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4))
def test_any_fields(given_fields: dict[str, Any]) -> None:
    usual = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "x"}], "input": "x"}

    read(msgspec.json.encode(usual | given_fields))


@pytest.mark.parametrize(
    "text", [b'"\\ud800"', b'"\\u0000"', b'"\xff"', b"[" * 2000 + b"]" * 2000, b'{"a":1,"a":2}', b"1e999", b"-0.0"]
)
@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"m","max_tokens":5,"input":[{"role":"user","content":%b}],"messages":[{"role":"user","content":%b}]}',
        b'{"model":"m","max_tokens":5,"input":[%b],"messages":[%b]}',
        b'{"model":"m","max_tokens":5,"input":"x","messages":[{"role":"user","content":"x"}],"temperature":%b,"stop":%b}',
    ],
)
def test_any_bytes(body: bytes, text: bytes) -> None:
    read(body % (text, text))


@given(st.text(max_size=80), st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=4))
def test_what_is_measured_bounds_what_an_honest_server_counts(said: str, properties: dict[str, str]) -> None:
    tool = {"name": "roll", "description": said, "input_schema": {"type": "object", "properties": properties}}
    call = {"type": "tool_use", "id": "t1", "name": "roll", "input": properties}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": said}
    turns = [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    body = msgspec.json.encode({"model": "m", "max_tokens": 5, "messages": turns, "tools": [tool], "system": said})

    request = read_messages(body, version="2026-10-21")

    chat = msgspec.json.decode(request.forward(SPARK, SERVED).body)
    counted = sum(len(pieces(text)) for text in [*demo.message_texts(chat), demo.tool_definitions(chat)])
    assert counted <= len(request.measured(SPARK))
