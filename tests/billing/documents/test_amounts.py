from datetime import UTC, datetime

import pytest

from billing.documents.amounts import days, exact, grouped, money, per_million
from core.money import PICOS_PER_UNIT


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "$0.00"), (2556, "$25.56"), (-5, "−$0.05"), (123_456_789, "$1,234,567.89")]
)
def test_cents(cents: int, text: str) -> None:
    assert money(cents, "USD") == text


@pytest.mark.parametrize(
    ("picos", "text"),
    [
        (0, "$0.00"),
        (1, "$0.000000000001"),
        (1_275 * 10**9, "$1.275"),
        (-25 * PICOS_PER_UNIT, "−$25.00"),
        (1_200 * PICOS_PER_UNIT, "$1,200.00"),
    ],
)
def test_exact_amounts_lose_nothing(picos: int, text: str) -> None:
    assert exact(picos, "USD") == text


def test_a_price_per_token_is_shown_per_million() -> None:
    assert per_million(1_250_000, "USD") == "$1.25"
    assert per_million(2_000, "EUR") == "EUR\N{NO-BREAK SPACE}0.002"


def test_quantities_and_days() -> None:
    assert grouped(-1_234_567) == "−1,234,567"
    assert days(datetime(2026, 12, 8, tzinfo=UTC), datetime(2027, 1, 8, tzinfo=UTC)) == "Dec 8, 2026 – Jan 8, 2027"
    assert days(datetime(2026, 4, 8, tzinfo=UTC), datetime(2026, 5, 8, tzinfo=UTC)) == "Apr 8 – May 8, 2026"
