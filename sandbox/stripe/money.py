"""Arithmetic in cents, exact until one rounding, half away from zero."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

MINIMUM = {"usd": 50, "eur": 50, "gbp": 30}
SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£"}


def rounded(value: Fraction) -> int:
    """Round to whole cents, half away from zero."""
    magnitude = abs(value) * 2 + 1
    whole = magnitude.numerator // (2 * magnitude.denominator)
    return whole if value >= 0 else -whole


def line_amount(unit_amount_decimal: str, quantity: int) -> int:
    """Answer what a quantity at a unit price in cents (up to 12 decimals) comes to."""
    return rounded(Fraction(Decimal(unit_amount_decimal)) * quantity)


def prorated(amount: int, *, at: int, start: int, end: int) -> int:
    """Answer the part of an amount for [at, end) of [start, end), to the second."""
    return rounded(Fraction(amount * (end - at), end - start))


def minimum(currency: str) -> int:
    """Answer the smallest amount that a card is charged."""
    return MINIMUM.get(currency, 50)


def money_text(cents: int, currency: str) -> str:
    """Answer an amount for people, e.g. "$20.00"."""
    sign = "-" if cents < 0 else ""
    symbol = SYMBOLS.get(currency, currency.upper() + " ")
    return f"{sign}{symbol}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
