"""Amounts as people read them."""

import pytest

from portal.templatetags.money import dollars, money, per_million, tokens, whole_dollars


@pytest.mark.parametrize(
    ("picos", "text"),
    [
        (0, "$0.00"),
        (1, "$0.000000000001"),
        (4_697_500_000, "$0.0046975"),
        (1_250_000_000_000, "$1.25"),
        (1_000_000_000_000_000_001, "$1,000,000.000000000001"),
        (-500_000_000_000, "−$0.50"),
        (10**38 - 1, "$99,999,999,999,999,999,999,999,999.999999999999"),
    ],
)
def test_metered_money_is_shown_to_its_last_digit(picos: int, text: str) -> None:
    assert money(picos) == text


@pytest.mark.parametrize(("cents", "text"), [(0, "$0.00"), (2_000, "$20.00"), (123_456, "$1,234.56"), (-5, "−$0.05")])
def test_invoiced_money_has_two_decimals(cents: int, text: str) -> None:
    assert dollars(cents) == text


@pytest.mark.parametrize(("cents", "text"), [(2_000, "$20"), (2_050, "$20.50"), (0, "$0")])
def test_a_plan_shows_cents_only_where_it_has_some(cents: int, text: str) -> None:
    assert whole_dollars(cents) == text


@pytest.mark.parametrize(
    ("micros", "text"), [(1_250_000, "$1.25"), (20_000, "$0.02"), (15_000, "$0.015"), (1, "$0.000001")]
)
def test_a_price_is_for_a_million_tokens(micros: int, text: str) -> None:
    assert per_million(micros) == text


def test_tokens_are_grouped_by_thousands() -> None:
    assert tokens(1_234_567) == "1,234,567"
