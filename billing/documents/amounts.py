"""Figures as they are printed: grouped thousands, a true minus sign, never a float."""

from datetime import datetime
from decimal import Decimal

from core.money import decimal_of_cents, decimal_of_picos

MINUS = "\N{MINUS SIGN}"
SYMBOLS = {"USD": "$"}
LEAST_DECIMALS = 2


def money(cents: int, currency: str) -> str:
    """`2556` cents are `$25.56`."""
    return _signed(decimal_of_cents(abs(cents)), cents < 0, currency)


def exact(picos: int, currency: str) -> str:
    """All decimals that the amount has, and at least two: `$1.275`, `$0.000045`."""
    return _signed(_short(decimal_of_picos(abs(picos))), picos < 0, currency)


def per_million(unit_price: int, currency: str) -> str:
    """A price in picodollars per token is one in micro-dollars per million tokens."""
    return exact(unit_price * 10**6, currency)


def grouped(quantity: int) -> str:
    return f"{quantity:,}".replace("-", MINUS)


def day(instant: datetime) -> str:
    return f"{instant:%B} {instant.day}, {instant.year}"


def days(start: datetime, end: datetime) -> str:
    """A half-open period by its two instants' days: `Apr 8 – May 8, 2026`."""
    first = f"{start:%b} {start.day}" + ("" if start.year == end.year else f", {start.year}")
    return f"{first} – {end:%b} {end.day}, {end.year}"


def _short(amount: Decimal) -> Decimal:
    decimals = max(-int(amount.normalize().as_tuple().exponent), LEAST_DECIMALS)
    return amount.quantize(Decimal(1).scaleb(-decimals))


def _signed(amount: Decimal, is_negative: bool, currency: str) -> str:  # noqa: FBT001 - named by its only two callers
    symbol = SYMBOLS.get(currency, f"{currency}\N{NO-BREAK SPACE}")
    return f"{MINUS if is_negative else ''}{symbol}{amount:,f}"
