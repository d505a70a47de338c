import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    PICOS_PER_CENT,
    PICOS_PER_MICRO,
    decimal_of_picos,
    micros_down,
    micros_up,
    picos_of_cents,
    rounded_to_cents,
)


@pytest.mark.parametrize(
    ("picos", "cents"),
    [
        (0, 0),
        (4_999_999_999, 0),
        (5_000_000_000, 1),
        (-4_999_999_999, 0),
        (-5_000_000_000, -1),
        (15_000_000_000, 2),
        (25_000_000_000, 3),
        (10**24 + 5_000_000_000, 10**14 + 1),
    ],
)
def test_halves_are_rounded_away_from_zero(picos: int, cents: int) -> None:
    assert rounded_to_cents(picos) == cents


@given(st.integers(-(10**37), 10**37))
def test_rounding_moves_an_amount_by_half_a_cent_at_most(picos: int) -> None:
    assert abs(picos_of_cents(rounded_to_cents(picos)) - picos) * 2 <= PICOS_PER_CENT


@given(st.integers(-(10**37), 10**37))
def test_a_hold_is_never_below_and_a_balance_never_above_the_exact_amount(picos: int) -> None:
    assert micros_down(picos) * PICOS_PER_MICRO <= picos <= micros_up(picos) * PICOS_PER_MICRO
    assert micros_up(picos) - micros_down(picos) <= 1


def test_a_price_per_million_is_a_price_in_picodollars_per_token() -> None:
    micros_per_million = 1_250_000  # $1.25

    one_million_tokens = 1_000_000 * micros_per_million

    assert str(decimal_of_picos(one_million_tokens)) == "1.250000000000"
