"""Usage in buckets of time, a page of them at once: what the usage API answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from usage.queries.selection import Selection, Step
from usage.queries.sums import GroupedRow, grouped_by

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Width(StrEnum):
    """How long a bucket is; buckets begin at whole minutes, hours and days in UTC."""

    MINUTE = "1m"
    HOUR = "1h"
    DAY = "1d"

    @property
    def step(self) -> Step:
        return {Width.MINUTE: Step.MINUTE, Width.HOUR: Step.HOUR, Width.DAY: Step.DAY}[self]

    @property
    def length(self) -> timedelta:
        return {
            Width.MINUTE: timedelta(minutes=1),
            Width.HOUR: timedelta(hours=1),
            Width.DAY: timedelta(days=1),
        }[self]

    @property
    def most(self) -> int:
        """The buckets of the largest page: a day of minutes, a month of hours, a year of days."""
        return {Width.MINUTE: 1_440, Width.HOUR: 744, Width.DAY: 366}[self]


@dataclass(frozen=True, slots=True)
class Bucket:
    """What was used in `[start, end)`, a row for each group; none where nothing was."""

    start: datetime
    end: datetime
    rows: Sequence[GroupedRow]


def buckets(selection: Selection, columns: Sequence[str], *, width: Width, limit: int) -> list[Bucket]:
    """Answer the first `limit` buckets that the selection reaches into, oldest first; empty ones too.

    Usage outside of the selection is not counted: its first and last bucket may show a part.
    """
    first = begin_of(selection.start, width)
    page = replace(selection, end=min(selection.end, first + limit * width.length))
    rows = grouped_by(page, columns, step=width.step)
    found = {begins: list(group) for begins, group in groupby(rows, key=lambda row: row.begins)}
    return [Bucket(start, start + width.length, found.get(start, [])) for start in _starts(first, page.end, width)]


def begin_of(instant: datetime, width: Width) -> datetime:
    return instant - (instant - EPOCH) % width.length


def _starts(first: datetime, end: datetime, width: Width) -> Iterator[datetime]:
    while first < end:
        yield first
        first += width.length
