"""Numbers in few characters, for the scale of a chart and for tooltips. Tables show them in full."""

from decimal import Decimal

from core.money import decimal_of_picos

UNITS = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K"))
CENTS = Decimal("0.01")
MICROS = Decimal("0.000001")
TEN_DOLLARS = 10


def compact(number: int) -> str:
    """Answer 950, 1.5K, 12.25M: at most two decimals, cut off rather than rounded up to the next unit."""
    for size, unit in UNITS:
        if number >= size:
            hundredths = number * 100 // size
            return f"{Decimal(hundredths).scaleb(-2).normalize():f}{unit}"
    return str(number)


def short_dollars(picos: int) -> str:
    """Answer $0, $1,250.00 or, below ten dollars, up to six decimals: $0.0025. Less than a micro-dollar is in full."""
    amount = decimal_of_picos(picos)
    if not picos:
        return "$0"
    if amount >= TEN_DOLLARS or amount == amount.quantize(CENTS):
        return f"${amount:,.2f}"
    return f"${(amount if amount < MICROS else amount.quantize(MICROS)).normalize():f}"
