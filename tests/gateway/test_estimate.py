"""The hold covers whatever an honest model server may count."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import PICOS_PER_MICRO
from core.usage import TokenClass, TokenCounts, amount_of
from gateway.dialects.asking import read_chat
from gateway.estimate import TEMPLATE_TOKENS, Estimate, estimate, hold_of
from sandbox.model.tokenizer import pieces
from tests.gateway.published import PRICES, SPARK


def test_a_quarter_of_the_prompts_bytes_counts_against_the_limits() -> None:
    most = estimate(b"x" * 100, 81, output_tokens=50, model=SPARK)

    assert most == Estimate(input_tokens=21, most_input_tokens=100 + TEMPLATE_TOKENS, output_tokens=50, has_media=False)


def test_no_prompt_is_larger_than_the_context_window() -> None:
    small = replace(SPARK, context_window=1_000)

    assert estimate(b"x" * 10**6, 10**6, output_tokens=1, model=small).most_input_tokens == 1_000
    assert estimate(b"x" * 10**6, 10**6, output_tokens=1, model=small).input_tokens == 1_000


@pytest.mark.parametrize(
    "mark",
    [
        b'"image_url"',
        b'"image"',
        b'"input_image"',
        b'"input_audio"',
        b'"audio"',
        b'"file"',
        b'"input_file"',
        b'"document"',
        b'"image\\u005furl"',
        b'"\\u0069mage"',
    ],
)
def test_media_may_fill_the_context_window(mark: bytes) -> None:
    """The bytes of a picture's address say nothing about its tokens."""
    most = estimate(b"{" + mark + b":1}", 10, output_tokens=1, model=SPARK)

    assert (most.most_input_tokens, most.has_media) == (SPARK.context_window, True)


@pytest.mark.parametrize("text", [b'"\\u00e9"', b'"\\u0027s"', b'"\\u003cp\\u003e"', b'"an \\"image\\""'])
def test_what_encoders_escape_is_no_picture(text: bytes) -> None:
    assert not estimate(b"{" + text + b":1}", 10, output_tokens=1, model=SPARK).has_media


def test_the_hold_is_at_the_dearest_price_of_each_side_rounded_up() -> None:
    most = Estimate(input_tokens=1, most_input_tokens=10, output_tokens=3, has_media=False)
    prices = {"input": 100, "cache_write_1h": 200, "output": 7, "reasoning": 9, "audio_out": 10**9, "requests": 5}

    assert hold_of(most, prices) == 1
    assert hold_of(most, {name: price * 10**6 for name, price in prices.items()}) == 10 * 200 + 3 * 9 + 5
    assert hold_of(replace(most, has_media=True), {"audio_out": 10**6}) == 3


@given(prompt=st.text(max_size=300), output=st.integers(1, 50), cached=st.integers(0, 300), thought=st.integers(0, 50))
def test_what_is_charged_never_exceeds_the_hold(prompt: str, output: int, cached: int, thought: int) -> None:
    body = msgspec.json.encode({"model": "muse-spark", "messages": [{"role": "user", "content": prompt}]})
    most = estimate(body, read_chat(body).prompt_bytes, output_tokens=output, model=SPARK)
    counted = len(pieces(prompt))
    cached, thought = min(cached, counted), min(thought, output)
    used = TokenCounts(input=counted - cached, cache_read=cached, output=output - thought, reasoning=thought)

    prices = {TokenClass(name): price for name, price in PRICES.items()}
    assert amount_of(used, prices) <= hold_of(most, PRICES) * PICOS_PER_MICRO
