"""Sums of usage by time and dimensions, exact at both ends of the selection.

Whole hours come from the rollup. The parts of an hour at the ends (a billing period begins at any second) come from
the events themselves, so that a page about a period shows what its invoice will.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from operator import add, attrgetter
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Trunc

from core.usage import TokenClass, TokenCounts
from usage.models import UsageEvent, UsageRollup
from usage.queries.selection import Dimension, Selection, Step

HOUR = timedelta(hours=1)
Groups = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class UsageSum:
    """`calls` counts requests whatever they cost; `amount` is exact, in picodollars."""

    counts: TokenCounts = field(default_factory=TokenCounts)
    calls: int = 0
    amount: int = 0

    def __add__(self, other: "UsageSum") -> "UsageSum":
        counts = TokenCounts(*map(add, COUNTS_OF(self.counts), COUNTS_OF(other.counts)))
        return UsageSum(counts, self.calls + other.calls, self.amount + other.amount)


COUNTS_OF = attrgetter(*(each.name for each in fields(TokenCounts)))


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What one value of the dimension used in the step that begins at `begins`."""

    begins: datetime
    group: UUID
    used: UsageSum


@dataclass(frozen=True, slots=True)
class GroupedRow:
    """The same by several columns: `groups` are their values, in the order of the columns."""

    begins: datetime
    groups: Groups
    used: UsageSum


def usage_by(selection: Selection, dimension: Dimension, *, step: Step) -> list[UsageRow]:
    """Answer the selection's usage by step and dimension, oldest first; steps without usage are left out."""
    rows = grouped_by(selection, (dimension.column,), step=step)
    return [UsageRow(row.begins, row.groups[0], row.used) for row in rows]


def grouped_by(selection: Selection, columns: Sequence[str], *, step: Step) -> list[GroupedRow]:
    """Answer the same by any columns that events and rollups share, by none too."""
    found: dict[tuple[datetime, Groups], UsageSum] = {}
    for source in _sources(selection, step):
        for begins, groups, used in _summed(source, columns, step):
            before = found.get((begins, groups))
            found[begins, groups] = before + used if before else used
    return [GroupedRow(begins, groups, used) for (begins, groups), used in sorted(found.items())]


def total_of(rows: Iterable[UsageRow]) -> UsageSum:
    return sum((row.used for row in rows), UsageSum())


def _sources(selection: Selection, step: Step) -> Iterator[QuerySet[Any]]:
    """Answer querysets that tile the selection. What is shorter than an hour is in the events alone."""
    first_whole = _hour_of(selection.start + HOUR - timedelta(microseconds=1))
    last_whole = _hour_of(selection.end)
    if first_whole >= last_whole or step is Step.MINUTE:
        yield _events(selection, selection.start, selection.end)
        return
    yield _rollups(selection, first_whole, last_whole)
    if selection.start < first_whole:
        yield _events(selection, selection.start, first_whole)
    if last_whole < selection.end:
        yield _events(selection, last_whole, selection.end)


def _rollups(selection: Selection, start: datetime, end: datetime) -> QuerySet[Any]:
    return UsageRollup.objects.filter(hour__gte=start, hour__lt=end, **selection.conditions)


def _events(selection: Selection, start: datetime, end: datetime) -> QuerySet[Any]:
    return UsageEvent.objects.filter(occurred_at__gte=start, occurred_at__lt=end, **selection.conditions)


def _summed(source: QuerySet[Any], columns: Sequence[str], step: Step) -> Iterator[tuple[datetime, Groups, UsageSum]]:
    is_rollup = source.model is UsageRollup
    instant = "hour" if is_rollup else "occurred_at"
    sums = {f"sum_{each.value}": Sum(each.value) for each in TokenClass}
    rows = (
        source.annotate(begins=Trunc(instant, step.value, tzinfo=UTC))
        .values("begins", *columns)
        .annotate(calls=Sum("events") if is_rollup else Count("id"), paid=Sum("amount"), **sums)
        .order_by()
    )
    for row in rows:
        counts = TokenCounts(**{each.value: int(row[f"sum_{each.value}"]) for each in TokenClass})
        groups = tuple(row[column] for column in columns)
        yield row["begins"], groups, UsageSum(counts, int(row["calls"]), int(row["paid"]))


def _hour_of(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
