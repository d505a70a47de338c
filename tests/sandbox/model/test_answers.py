"""The demo model's answers and counts, without a server."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.model.errors import Refused
from sandbox.model.generation import Generation, generate
from sandbox.model.prefix_cache import PrefixCache
from sandbox.model.prose import topic_of
from sandbox.model.tokenizer import pieces


def answer(content: str = "Tell me about bridges", **options: Any) -> Generation:
    body = {"model": "muse-spark", "messages": [{"role": "user", "content": content}]} | options
    return generate(body, PrefixCache())


@given(st.text())
def test_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


def test_pieces_are_what_the_readme_says() -> None:
    assert pieces("Hello reliability, 12345!\n\n") == ["Hello", " reliab", "ility", ",", " ", "123", "45", "!", "\n\n"]


def test_the_same_request_gets_the_same_text() -> None:
    assert answer().emitted == answer(stream=True, user="ada").emitted
    assert answer().emitted != answer("Tell me about ferries").emitted


@given(st.text(max_size=200))
def test_any_prompt_is_answered_and_counted(prompt: str) -> None:
    generation = answer(prompt)
    usage = generation.usage()

    assert usage["prompt_tokens"] == len(pieces(prompt))
    assert usage["completion_tokens"] == len(pieces("".join(generation.emitted)))
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_the_answer_speaks_of_the_topic() -> None:
    assert topic_of("What should we know about reliability?") == "reliability"
    assert "reliability" in "".join(answer("What should we know about reliability?").emitted)


@pytest.mark.parametrize("words", [40, 300])
def test_an_answer_is_about_as_long_as_asked(words: int) -> None:
    text = "".join(answer(f"Roads in {words} words").emitted)

    assert words <= len(text.split()) <= words + 25


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_bound_is_honoured(name: str) -> None:
    bound: Any = {name: 5}

    generation = answer(**bound)

    assert (len(generation.emitted), generation.finish_reason) == (5, "length")
    assert answer().finish_reason == "stop"


def test_reasoning_is_counted_within_the_bound_and_never_sent() -> None:
    all_spent = answer(reasoning_effort="high", max_tokens=100)
    some_left = answer(reasoning_effort="low", max_tokens=20)

    assert (all_spent.reasoning_tokens, all_spent.emitted, all_spent.finish_reason) == (100, [], "length")
    assert (some_left.reasoning_tokens, len(some_left.emitted)) == (16, 4)
    assert some_left.usage()["completion_tokens"] == 20


def test_a_stop_text_is_not_sent() -> None:
    generation = answer(stop=["bridges"])

    assert "bridges" not in "".join(generation.emitted)
    assert generation.finish_reason == "stop"


def test_a_prefix_seen_before_is_cached() -> None:
    cache = PrefixCache()
    long = pieces("toll " * 1500)

    assert cache.cached_tokens("a", long) == 0
    assert cache.cached_tokens("a", long) == (len(long) - 1024) // 128 * 128 + 1024
    assert cache.cached_tokens("b", long) == 0
    assert cache.cached_tokens("a", [*long[:1100], "other"] * 2) == 1024
    assert cache.cached_tokens("a", long[:1023]) == 0


@pytest.mark.parametrize(
    "options",
    [{"messages": []}, {"messages": "x"}, {"n": 2}, {"max_tokens": 0}, {"stop": [1]}, {"reasoning_effort": "heroic"}],
)
def test_a_field_at_fault_is_named(options: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        answer(**options)

    assert caught.value.param == next(iter(options))
