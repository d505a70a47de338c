"""How a quantity becomes an amount: per unit, by package, graduated, or by volume.

Tiers cover `(previous, up_to]`: a quantity that equals a bound lies in the tier that ends there. A tier's flat amount
is due once when the tier is entered; the first counts as entered at 0.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from billing.charges.quantity import Exact, NotChargeable, exact


class ChargeModel(Protocol):
    def of(self, quantity: Fraction) -> Fraction:
        """Answer the amount of the whole quantity, in picodollars."""


@dataclass(frozen=True, slots=True)
class PerUnit:
    unit_price: Exact

    def __post_init__(self) -> None:
        exact(self.unit_price, "A unit's price")

    def of(self, quantity: Fraction) -> Fraction:
        return quantity * Fraction(self.unit_price)


@dataclass(frozen=True, slots=True)
class Package:
    """A package that is begun is paid in full; none is begun at 0."""

    size: Exact
    price: Exact

    def __post_init__(self) -> None:
        exact(self.price, "A package's price")
        if not exact(self.size, "A package's size"):
            raise NotChargeable("A package must hold something: its size is 0.")

    def of(self, quantity: Fraction) -> Fraction:
        return math.ceil(quantity / Fraction(self.size)) * Fraction(self.price)


@dataclass(frozen=True, slots=True)
class Tier:
    """`up_to` is the last quantity of the tier; None for the last tier, which has no end."""

    up_to: Exact | None
    unit_price: Exact = 0
    flat: Exact = 0


@dataclass(frozen=True, slots=True)
class Graduated:
    """Each unit at the price of the tier that it falls into."""

    tiers: Sequence[Tier]

    def __post_init__(self) -> None:
        _check(self.tiers)

    def of(self, quantity: Fraction) -> Fraction:
        amount = Fraction(0)
        for start, tier in _entered(self.tiers, quantity):
            end = quantity if tier.up_to is None else min(quantity, Fraction(tier.up_to))
            amount += Fraction(tier.flat) + (end - start) * Fraction(tier.unit_price)
        return amount


@dataclass(frozen=True, slots=True)
class Volume:
    """All units at the price of the tier that the whole quantity falls into, and that tier's flat amount."""

    tiers: Sequence[Tier]

    def __post_init__(self) -> None:
        _check(self.tiers)

    def of(self, quantity: Fraction) -> Fraction:
        *_, (_, tier) = _entered(self.tiers, quantity)
        return Fraction(tier.flat) + quantity * Fraction(tier.unit_price)


def _entered(tiers: Sequence[Tier], quantity: Fraction) -> Iterator[tuple[Fraction, Tier]]:
    """Each tier that the quantity reaches into, with where it begins."""
    start = Fraction(0)
    for place, tier in enumerate(tiers):
        if place and quantity <= start:
            return
        yield start, tier
        start = start if tier.up_to is None else Fraction(tier.up_to)


def _check(tiers: Sequence[Tier]) -> None:
    if not tiers or tiers[-1].up_to is not None:
        raise NotChargeable("The last tier must have no end, so that every quantity has a price.")
    start = Fraction(0)
    for number, tier in enumerate(tiers, start=1):
        exact(tier.unit_price, f"Tier {number}'s price")
        exact(tier.flat, f"Tier {number}'s flat amount")
        if tier.up_to is None:
            if number < len(tiers):
                raise NotChargeable(f"Tier {number} has no end, and another follows it.")
            return
        if exact(tier.up_to, f"Tier {number}'s bound") <= start:
            raise NotChargeable(f"Tier {number} must end above {start}, where it begins; it ends at {tier.up_to}.")
        start = Fraction(tier.up_to)
