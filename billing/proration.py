"""Proration: the share of a period that something was in service, by the second. Pure: no Django, no clock."""

from datetime import datetime, timedelta
from fractions import Fraction

from core.errors import Invalid
from core.money import Cents
from core.period import Span


class NotInPeriod(Invalid):
    code = "not_in_period"
    title = "The time lies outside of the period"


def share(period: Span, *, start: datetime, end: datetime) -> Fraction:
    """Answer how much of the period `[start, end)` is, from 0 to 1: seconds over seconds, whole ones.

    Local days of 23 or 25 hours count as long as they were. Raises NotInPeriod.
    """
    if period.end is None or period.end <= period.start:
        raise NotInPeriod("A period without an end, or without length, has no shares.")
    if not period.start <= start <= end <= period.end:
        raise NotInPeriod(f"{start} to {end} does not lie within {period.start} to {period.end}.")
    return Fraction(_seconds(end - start), _seconds(period.end - period.start))


def prorated(cents: int, period: Span, *, start: datetime, end: datetime) -> Cents:
    """Answer that share of a fee, in whole cents, half away from zero."""
    amount = cents * share(period, start=start, end=end)
    sign = -1 if amount < 0 else 1
    return Cents(sign * int(abs(amount) + Fraction(1, 2)))


def exchanged(old: int, new: int, period: Span, *, at: datetime) -> tuple[Cents, Cents]:
    """Answer what changing a fee paid in advance means at an instant: the unused part given back (zero or below), and
    the new fee's share of what is left (zero or above). Each is a line of its own, so each is rounded.
    """
    assert period.end is not None, "Only a period with an end was paid in advance."
    return (
        prorated(-old, period, start=at, end=period.end),
        prorated(new, period, start=at, end=period.end),
    )


def _seconds(length: timedelta) -> int:
    return length.days * 86_400 + length.seconds
