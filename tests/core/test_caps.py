"""Caps as people write them."""

import pytest

from core.caps import read_cap
from core.errors import Invalid


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("25", 25_000_000),
        ("$1,000.50", 1_000_500_000),
        ("1,000,000", 10**12),
        (" 0.000001 ", 1),
        ("0", 0),
        ("10.", 10_000_000),
        ("1.5000000000", 1_500_000),
        ("1000000000", 10**15),
    ],
)
def test_amounts_are_read_exactly(text: str, micros: int) -> None:
    assert read_cap(text) == micros * 10**6


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "amount in dollars"),
        ("NaN", "amount in dollars"),
        ("Infinity", "amount in dollars"),
        ("1e9", "amount in dollars"),
        ("ten", "amount in dollars"),
        ("1.2.3", "amount in dollars"),
        ("1,5", "amount in dollars"),
        ("10,00", "amount in dollars"),
        (",500", "amount in dollars"),
        ("0x10", "amount in dollars"),
        ("-1", "negative"),
        ("-0.01", "negative"),
        ("1000000000.01", "at most"),
        ("9" * 30, "at most"),
        ("9" * 31, "amount in dollars"),
        ("0.0000001", "6 decimals"),
    ],
)
def test_what_is_wrong_is_said(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read_cap(text)
