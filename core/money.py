"""Money: metered amounts are integer picodollars (10⁻¹² of the currency's unit), invoiced amounts integer cents.

A price of *x* micro-dollars per million tokens is *x* picodollars per token, so that `tokens × price` is exact.
"""

from decimal import Decimal
from typing import NewType

Picos = NewType("Picos", int)
Cents = NewType("Cents", int)

PICOS_PER_CENT = 10**10
PICOS_PER_MICRO = 10**6
PICOS_PER_UNIT = 10**12


def picos_of_cents(cents: int) -> Picos:
    return Picos(cents * PICOS_PER_CENT)


def rounded_to_cents(picos: int) -> Cents:
    """Round half away from zero. The only place where money is rounded; called once per invoice line."""
    sign = -1 if picos < 0 else 1
    return Cents(sign * ((abs(picos) + PICOS_PER_CENT // 2) // PICOS_PER_CENT))


def micros_up(picos: int) -> int:
    """Micro-dollars, rounded up: what a hold reserves, so that rounding never favours the spender."""
    return -(-picos // PICOS_PER_MICRO)


def micros_down(picos: int) -> int:
    """Micro-dollars, rounded down: what a balance offers, so that rounding never favours the spender."""
    return picos // PICOS_PER_MICRO


def decimal_of_picos(picos: int) -> Decimal:
    """Exact amount in the currency's unit, for pages and exports."""
    return Decimal(picos).scaleb(-12)


def decimal_of_cents(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
