"""Token classes are disjoint, and every token is charged at the price of its own."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.usage import INPUT_CLASSES, LABELS, TokenClass, TokenCounts, amount_of

COUNTS = st.builds(TokenCounts, **{token_class.value: st.integers(0, 10**9) for token_class in TokenClass})
PRICES = st.dictionaries(st.sampled_from(TokenClass), st.integers(0, 75_000_000))


@given(COUNTS)
def test_every_token_is_on_one_side(counts: TokenCounts) -> None:
    everything = sum(count for token_class, count in counts.items() if token_class != TokenClass.REQUESTS)

    assert counts.total == counts.total_input + counts.total_output == everything


@given(COUNTS, COUNTS, PRICES)
def test_amounts_add_up(one: TokenCounts, two: TokenCounts, prices: dict[TokenClass, int]) -> None:
    both = TokenCounts(**{name.value: count + dict(two.items())[name] for name, count in one.items()})

    assert amount_of(both, prices) == amount_of(one, prices) + amount_of(two, prices)


def test_a_price_per_million_in_micros_is_picodollars_a_token() -> None:
    """$1.25, $0.15 and $4.25 per million tokens."""
    prices = {TokenClass.INPUT: 1_250_000, TokenClass.CACHE_READ: 150_000, TokenClass.OUTPUT: 4_250_000}

    amount = amount_of(TokenCounts(input=10**6, cache_read=10**6, output=10**6, requests=1), prices)

    assert amount == int((1.25 + 0.15 + 4.25) * 10**12)


def test_prices_read_from_json_need_no_enumeration() -> None:
    assert amount_of(TokenCounts(output=3), {"output": 2}) == 6  # type: ignore[dict-item]


def test_a_class_without_a_price_is_free() -> None:
    assert amount_of(TokenCounts(reasoning=5), {TokenClass.OUTPUT: 7}) == 0


def test_nothing_is_counted_below_zero() -> None:
    with pytest.raises(ValueError, match="output"):
        TokenCounts(output=-1)


def test_every_class_has_words_and_a_side() -> None:
    assert set(LABELS) == set(TokenClass)
    assert {token_class for token_class in TokenClass if token_class.is_input} == INPUT_CLASSES
    assert TokenClass.CACHE_READ.label == "cached input tokens"


def test_the_input_side_is_the_sum_of_its_classes() -> None:
    counts = TokenCounts(**{token_class.value: 2**place for place, token_class in enumerate(TokenClass)})

    assert counts.total_input == sum(count for token_class, count in counts.items() if token_class.is_input)
    assert {token_class.value for token_class, _ in counts.items()} == {field.name for field in fields(TokenCounts)}
