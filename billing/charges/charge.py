"""A plan's charge: a model, and what is taken off or added around it, always in the same order.

Free quantity → model → percentage discount → maximum → minimum. So a maximum bounds what is paid after the discount,
and a minimum commitment is owed whatever was discounted.
"""

from dataclasses import dataclass
from fractions import Fraction

from billing.charges.models import ChargeModel
from billing.charges.quantity import Exact, NotChargeable, exact, whole_picos
from core.money import Picos

ALL = 100


@dataclass(frozen=True, slots=True)
class Parts:
    """Where an amount comes from, in whole picodollars. Their sum is the amount.

    `discount` and `above_maximum` are zero or below; `true_up` fills the usage up to the minimum.
    """

    usage: Picos
    discount: Picos
    above_maximum: Picos
    true_up: Picos

    @property
    def amount(self) -> Picos:
        return Picos(self.usage + self.discount + self.above_maximum + self.true_up)


@dataclass(frozen=True, slots=True)
class Charge:
    """`minimum` and `maximum` are picodollars for the whole period; `discount` is in percent, 0 to 100."""

    model: ChargeModel
    free_quantity: Exact = 0
    discount: Exact = 0
    minimum: Exact = 0
    maximum: Exact | None = None

    def __post_init__(self) -> None:
        exact(self.free_quantity, "The free quantity")
        if exact(self.discount, "The discount") > ALL:
            raise NotChargeable(f"A discount is at most 100 percent, not {self.discount}.")
        minimum = exact(self.minimum, "The minimum")
        if self.maximum is not None and exact(self.maximum, "The maximum") < minimum:
            raise NotChargeable(f"The maximum, {self.maximum}, is below the minimum, {self.minimum}.")

    def amount(self, quantity: Exact) -> Picos:
        """Answer what the whole quantity of a period costs. Raises NotChargeable."""
        return self.parts(quantity).amount

    def parts(self, quantity: Exact) -> Parts:
        """Answer the same in parts. Each running total is rounded, so that the parts add up to the rounded amount."""
        charged = max(Fraction(0), exact(quantity, "A quantity") - Fraction(self.free_quantity))
        used = self.model.of(charged)
        discounted = used * (ALL - Fraction(self.discount)) / ALL
        bounded = discounted if self.maximum is None else min(discounted, Fraction(self.maximum))
        owed = max(bounded, Fraction(self.minimum))
        totals = [whole_picos(each) for each in (used, discounted, bounded, owed)]
        steps = [Picos(after - before) for before, after in zip([0, *totals], totals, strict=False)]
        return Parts(*steps)

    def increment(self, quantity: Exact, booked: int) -> Picos:
        """Answer what a run books: the whole of the period so far less what was booked. It may be below zero."""
        return Picos(self.amount(quantity) - booked)
