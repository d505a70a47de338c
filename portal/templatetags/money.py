"""Amounts as people read them. Exact ones are never rounded for display."""

from decimal import Decimal

from django import template

from core.money import decimal_of_cents, decimal_of_picos

register = template.Library()

Amount = int | Decimal
MINUS = "−"


@register.filter
def money(picos: Amount) -> str:
    """Exact: `$1.25`, `$0.0000425`; at least two decimals, at most twelve."""
    return _dollars(decimal_of_picos(int(picos)))


@register.filter
def dollars(cents: Amount) -> str:
    """`$1,200.00` of cents."""
    return _dollars(decimal_of_cents(int(cents)))


@register.filter
def whole_dollars(cents: Amount) -> str:
    """`$20` where there are no cents to show, `$19.50` otherwise."""
    return dollars(cents).removesuffix(".00")


@register.filter
def per_million(micros: Amount) -> str:
    """The price of a million tokens, of micro-dollars per million: `$1.25`."""
    return _dollars(Decimal(int(micros)).scaleb(-6))


@register.filter
def tokens(count: Amount) -> str:
    """`12,345`"""
    return f"{int(count):,}"


def _dollars(amount: Decimal) -> str:
    whole, _, fraction = f"{abs(amount):,f}".partition(".")
    sign = MINUS if amount < 0 else ""
    return f"{sign}${whole}.{fraction.rstrip('0').ljust(2, '0')}"
