import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rounding import credit_cents, line_cents
from core.money import PICOS_PER_CENT, rounded_to_cents

HALF = PICOS_PER_CENT // 2


@pytest.mark.parametrize(
    ("cumulative", "invoiced", "cents"),
    [(HALF, 0, 1), (HALF - 1, 0, 0), (2 * HALF, 1, 0), (3 * HALF, 1, 1), (0, 1, -1), (-HALF, 0, -1)],
)
def test_what_was_invoiced_is_taken_off_the_rounded_whole(cumulative: int, invoiced: int, cents: int) -> None:
    assert line_cents(cumulative, invoiced) == cents


@given(st.lists(st.integers(0, 10**12), max_size=20))
def test_parts_sum_to_the_whole_rounded_once(parts: list[int]) -> None:
    exact = invoiced = 0

    for part in parts:
        exact += part
        invoiced += line_cents(exact, invoiced)

    assert invoiced == rounded_to_cents(sum(parts))


@pytest.mark.parametrize(
    ("usage", "covered", "uncovered", "cents"),
    [
        (0, 0, 0, 0),
        (256, 0, 256 * PICOS_PER_CENT, 0),
        (256, 255 * PICOS_PER_CENT + HALF, 0, -256),  # covered wholly: nothing is left to pay
        (256, HALF, 255 * PICOS_PER_CENT, -1),
        (256, HALF - 1, 255 * PICOS_PER_CENT, 0),
        (3, 5 * PICOS_PER_CENT, 1, -3),  # ten lines of 0.4 cents each are charged 0: credit takes off no more
        (0, 5 * PICOS_PER_CENT, 0, 0),
        (-2, 5 * PICOS_PER_CENT, 0, 0),
    ],
)
def test_credit_takes_off_what_it_covers_and_never_more(usage: int, covered: int, uncovered: int, cents: int) -> None:
    assert credit_cents(usage, covered=covered, uncovered=uncovered) == cents
