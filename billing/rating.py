"""Rating: from counted usage and prices to bookings. Pure: no Django, no clock, no rounding.

An amount is `quantity × unit price`, in whole picodollars, and equals the sum of the events' own amounts exactly. A run
books what was used up to its watermark less what was booked before, so that any split into runs gives the same total.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from core.errors import Conflict
from core.money import Picos
from core.usage import PriceTable, TokenClass, TokenCounts


@dataclass(frozen=True, slots=True, order=True)
class PriceKey:
    """What a price table is looked up by."""

    price_version: UUID
    service_tier: str


@dataclass(frozen=True, slots=True)
class UsageGroup:
    """The events of one model under one price table: their tokens by class, and the sum of their exact amounts."""

    model: UUID
    price: PriceKey
    counts: TokenCounts
    amount: int


@dataclass(frozen=True, slots=True)
class BookingKey:
    model: UUID
    price: PriceKey
    token_class: TokenClass


@dataclass(frozen=True, slots=True)
class Quantity:
    """Tokens at a price in picodollars each. Below zero where a run takes back what an earlier one booked."""

    units: int
    unit_price: int

    @property
    def amount(self) -> Picos:
        return Picos(self.units * self.unit_price)


Bookings = Mapping[BookingKey, Quantity]


class AmountsDiffer(Conflict):
    """Events were charged otherwise than their price version says: nothing may be booked until it is understood."""

    code = "amounts_differ"
    title = "Usage was charged otherwise than its price version says"


def rated(groups: Iterable[UsageGroup], tables: Mapping[PriceKey, PriceTable]) -> Bookings:
    """Book every token class of every group. A class without a price is free, and its tokens are booked all the same;
    requests, which are no tokens, only where they have a price.

    Raises AmountsDiffer where tokens × prices is not what the events were charged.
    """
    bookings: dict[BookingKey, Quantity] = {}
    for group in groups:
        table = tables.get(group.price, {})
        of_group = {
            BookingKey(group.model, group.price, token_class): Quantity(units, table.get(token_class, 0))
            for token_class, units in group.counts.items()
            if units and (token_class in table or token_class is not TokenClass.REQUESTS)
        }
        _check(group, total(of_group))
        bookings |= of_group
    return bookings


def increments(cumulative: Bookings, booked: Bookings) -> Bookings:
    """Answer what is still to book: `cumulative` less `booked`. Below zero, or all of it, is taken back.

    Raises AmountsDiffer where a price is not what it was: published prices never change.
    """
    if changed := {key for key in cumulative.keys() & booked.keys() if _price(cumulative[key]) != _price(booked[key])}:
        raise AmountsDiffer(f"{len(changed)} groups of usage were booked at other prices before.")
    rests = {key: _less(cumulative.get(key), booked.get(key)) for key in cumulative.keys() | booked.keys()}
    return {key: rest for key, rest in rests.items() if rest.units}


def total(bookings: Bookings) -> Picos:
    return Picos(sum(each.amount for each in bookings.values()))


def _check(group: UsageGroup, amount: int) -> None:
    if amount != group.amount:
        raise AmountsDiffer(
            f"Model {group.model}, price version {group.price.price_version}, tier {group.price.service_tier}: "
            f"the events were charged {group.amount} picodollars, tokens × prices is {amount}."
        )


def _price(quantity: Quantity) -> int:
    return quantity.unit_price


def _less(all_: Quantity | None, booked: Quantity | None) -> Quantity:
    known = all_ or booked
    assert known is not None
    return Quantity((all_.units if all_ else 0) - (booked.units if booked else 0), known.unit_price)
