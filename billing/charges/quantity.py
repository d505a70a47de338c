"""Numbers that a charge may be computed from, checked once at the edge."""

from decimal import Decimal
from fractions import Fraction

from core.errors import Invalid
from core.money import Picos

Exact = int | Decimal | Fraction


class NotChargeable(Invalid):
    """A number that can't be part of an amount: the text names it and what it may be."""

    code = "not_chargeable"
    title = "This can't be charged"


def exact(value: Exact, name: str) -> Fraction:
    """Answer the number as it is. Raises NotChargeable for floats, infinities, NaN and everything below zero."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, Fraction)):
        raise NotChargeable(f"{name} must be an integer or a decimal, not {value!r}.")
    if isinstance(value, Decimal) and not value.is_finite():
        raise NotChargeable(f"{name} must be finite, not {value}.")
    if value < 0:
        raise NotChargeable(f"{name} must not be below zero: {value}.")
    return Fraction(value)


def whole_picos(amount: Fraction) -> Picos:
    """Round half away from zero. An amount of integer prices and quantities is whole already."""
    sign = -1 if amount < 0 else 1
    numerator, denominator = abs(amount.numerator), amount.denominator
    return Picos(sign * ((2 * numerator + denominator) // (2 * denominator)))
