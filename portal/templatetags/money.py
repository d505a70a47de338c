"""Amounts as people read them. Exact ones are never rounded for display."""

from decimal import Decimal

from django import template

register = template.Library()

Amount = int | Decimal
MINUS = "−"


@register.filter
def money(picos: Amount) -> str:
    """Exact: `$1.25`, `$0.0000425`; at least two decimals, at most twelve."""
    return _dollars(int(picos), places=12)


@register.filter
def dollars(cents: Amount) -> str:
    """`$1,200.00` of cents."""
    return _dollars(int(cents), places=2)


@register.filter
def whole_dollars(cents: Amount) -> str:
    """`$20` where there are no cents to show, `$19.50` otherwise."""
    return dollars(cents).removesuffix(".00")


@register.filter
def per_million(micros: Amount) -> str:
    """The price of a million tokens, of micro-dollars per million: `$1.25`."""
    return _dollars(int(micros), places=6)


@register.filter
def tokens(count: Amount) -> str:
    """`12,345`"""
    return f"{int(count):,}"


def _dollars(amount: int, *, places: int) -> str:
    """Whole numbers throughout: Python's decimals are rounded at 28 digits."""
    whole, fraction = divmod(abs(amount), 10**places)
    sign = MINUS if amount < 0 else ""
    return f"{sign}${whole:,}.{f'{fraction:0{places}}'.rstrip('0').ljust(2, '0')}"
