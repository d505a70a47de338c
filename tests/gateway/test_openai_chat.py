"""What is read of a chat request, and what the model server gets of it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from gateway.dialects.ask import Ask
from gateway.dialects.asking import read_chat
from gateway.dialects.fields import FieldRefused
from tests.gateway.published import SERVED, SPARK

MESSAGES = '[{"role": "user",  "content": "caf\\u00e9 \\ud83d\\ude00"}]'


def chat(rest: str = "") -> Ask:
    return read_chat(f'{{"model":"muse-spark","messages":{MESSAGES}{rest}}}'.encode())


def sent(request: Ask, **changes: Any) -> dict[str, Any]:
    return dict(json.loads(request.forward(SPARK, replace(SERVED, **changes)).body))


def test_values_are_copied_byte_for_byte() -> None:
    body = chat(',"seed":12345678901234567890,"temperature":1.10').forward(SPARK, SERVED).body

    assert MESSAGES.encode() in body
    assert b'"seed":12345678901234567890' in body
    assert b'"temperature":1.10' in body


def test_a_bound_is_named_where_the_caller_named_none() -> None:
    assert sent(chat())["max_tokens"] == SPARK.max_output_tokens
    assert "max_tokens" not in sent(chat(',"max_completion_tokens":5'))
    assert sent(chat(',"max_tokens":7'))["max_tokens"] == 7


def test_usage_is_asked_for_beside_the_callers_own_options() -> None:
    options = ',"stream":true,"stream_options":{"include_obfuscation":false}'

    assert sent(chat(options))["stream_options"] == {"include_obfuscation": False, "include_usage": True}
    assert sent(chat(',"stream":true,"stream_options":null'))["stream_options"] == {"include_usage": True}
    assert "stream_options" not in sent(chat())


def test_the_model_servers_own_name_is_used() -> None:
    assert sent(chat(), model="spark-7b")["model"] == "spark-7b"


def test_a_name_given_twice_is_sent_once_as_it_was_judged() -> None:
    """Otherwise the hold could be for one `max_tokens` and the generation for another."""
    request = chat(',"max_tokens":1,"max_tokens":8000')

    assert request.most_output(SPARK) == sent(request)["max_tokens"] == 8000
    assert request.forward(SPARK, SERVED).body.count(b"max_tokens") == 1


@pytest.mark.parametrize(
    ("rest", "most"),
    [
        ("", 8_192),
        (',"max_tokens":10', 10),
        (',"max_completion_tokens":20', 20),
        (',"max_tokens":10,"max_completion_tokens":20', 20),
        (',"max_tokens":10,"n":3', 30),
        (',"max_tokens":null', 8_192),
    ],
)
def test_the_largest_output(rest: str, most: int) -> None:
    assert chat(rest).most_output(SPARK) == most


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_more_than_the_model_has_is_refused(name: str) -> None:
    with pytest.raises(FieldRefused) as caught:
        chat(f',"{name}":8193').most_output(SPARK)

    assert caught.value.param == name


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"", None),
        (b"{", None),
        (b"[]", None),
        (b'{"model":"\xff"}', None),
        (b"[" * 100_000, None),
        (b"{}", "model"),
        (b'{"model":7,"messages":[1]}', "model"),
        (b'{"model":"","messages":[1]}', "model"),
        (b'{"model":"m"}', "messages"),
        (b'{"model":"m","messages":[]}', "messages"),
        (b'{"model":"m","messages":{}}', "messages"),
        (b'{"model":"m","messages":[1],"stream":"yes"}', "stream"),
        (b'{"model":"m","messages":[1],"stream_options":7}', "stream_options"),
        (b'{"model":"m","messages":[1],"max_tokens":0}', "max_tokens"),
        (b'{"model":"m","messages":[1],"max_tokens":1.5}', "max_tokens"),
        (b'{"model":"m","messages":[1],"n":0}', "n"),
    ],
)
def test_a_field_at_fault_is_named(body: bytes, param: str | None) -> None:
    with pytest.raises(FieldRefused) as caught:
        read_chat(body)

    assert caught.value.param == param


def test_unknown_fields_pass() -> None:
    assert sent(chat(',"verbosity":"low","prompt_cache_options":{"ttl":"1h"}'))["verbosity"] == "low"
