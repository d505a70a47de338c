"""Stacked bars as plain numbers. The template only draws: an SVG of 100 by 100 units, stretched over the columns.

Texts stand outside the SVG, so that they keep their size on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

GAP = 0.22  # of a column's width
LABELS = 5  # as many as a phone has room for
LABEL_STEPS = (1, 2, 3, 4, 6, 8, 12, 24)
TICKS = 4
COLOURS = 7  # the last one is for what is left over


@dataclass(frozen=True, slots=True)
class Series:
    """`colour` counts from 1; pages give each a class."""

    name: str
    values: tuple[int, ...]
    colour: int = 0

    @property
    def total(self) -> int:
        return sum(self.values)


class Piece(NamedTuple):
    """One rectangle, in hundredths of the box, as texts that SVG reads in any language setting."""

    colour: int
    x: str
    y: str
    width: str
    height: str


class Share(NamedTuple):
    """What one series adds to a column: the line of its tooltip."""

    colour: int
    name: str
    value: int


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    is_labelled: bool
    is_late: bool  # in the right half, where a tooltip opens to the left
    total: int
    shares: tuple[Share, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class BarChart:
    """`ticks` go from the top of the scale down to 0."""

    series: tuple[Series, ...]
    columns: tuple[Column, ...]
    ticks: tuple[int, ...]

    @property
    def grid(self) -> list[str]:
        """Heights of the lines at the ticks, from the top down."""
        return [f"{100 - 100 * tick / self.ticks[0]:.3f}" for tick in self.ticks]

    @property
    def is_empty(self) -> bool:
        return not any(column.total for column in self.columns)


def stacked_bars(labels: Sequence[str], series: Sequence[Series]) -> BarChart:
    """Stack the series in each labelled column, the largest series lowest; those beyond the palette become "Other"."""
    drawn = coloured(series)
    highest = max((sum(each.values[i] for each in drawn) for i in range(len(labels))), default=0)
    ticks = scale(highest)
    columns = (_column(i, label, drawn, count=len(labels), top=ticks[0]) for i, label in enumerate(labels))
    return BarChart(drawn, tuple(columns), ticks)


def coloured(series: Sequence[Series]) -> tuple[Series, ...]:
    """Rank by size, and colour by name: so that a series keeps its colour when cost is looked at instead of tokens."""
    ranked = sorted(series, key=lambda each: (-each.total, each.name))
    shown, rest = ranked[: COLOURS - 1], ranked[COLOURS - 1 :]
    by_name = sorted(shown, key=lambda each: each.name)
    drawn = [replace(each, colour=by_name.index(each) + 1) for each in shown]
    if rest:
        sums = tuple(sum(values) for values in zip(*(each.values for each in rest), strict=True))
        drawn.append(Series("Other", sums, COLOURS))
    return tuple(drawn)


def scale(highest: int) -> tuple[int, ...]:
    """Answer round ticks from at least `highest` down to 0, a step of 1, 2, 2.5 or 5 times a power of ten apart."""
    step = _round_step(max(highest, 1))
    count = -(-max(highest, 1) // step)
    return tuple(step * place for place in range(count, -1, -1))


def label_step(count: int) -> int:
    """Answer how many columns one label stands for: of 24 hours every sixth has one, of 30 days too."""
    least = -(-count // LABELS)
    return next((step for step in LABEL_STEPS if step >= least), least)


def _round_step(highest: int) -> int:
    power = 1
    while True:
        for tenths in (10, 20, 25, 50):
            step, rest = divmod(power * tenths, 10)
            if rest == 0 and step * TICKS >= highest:
                return step
        power *= 10


def _column(place: int, label: str, series: Sequence[Series], *, count: int, top: int) -> Column:
    shares = tuple(Share(each.colour, each.name, each.values[place]) for each in series if each.values[place])
    return Column(
        label=label,
        is_labelled=place % label_step(count) == 0,
        is_late=place * 2 >= count,
        total=sum(share.value for share in shares),
        shares=shares,
        pieces=_stacked(place, shares, count=count, top=top),
    )


def _stacked(place: int, shares: Sequence[Share], *, count: int, top: int) -> tuple[Piece, ...]:
    width = 100 / count
    pieces, below = [], 0
    for share in shares:
        below += share.value
        x, y = width * (place + GAP / 2), 100 - 100 * below / top
        box = (x, y, width * (1 - GAP), 100 * share.value / top)
        pieces.append(Piece(share.colour, *(f"{number:.3f}" for number in box)))
    return tuple(pieces)
