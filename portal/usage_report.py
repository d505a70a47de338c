"""What the usage page shows of a selection. Chart, tables, totals and export come from the same rows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from core.period import months_after
from core.usage import TokenClass
from portal.charts import BarChart, Series, stacked_bars
from portal.usage_filters import Metric, UsageFilters
from portal.usage_names import Names
from usage.queries import Step, UsageRow, UsageSum, total_of, usage_by

LABEL_FORMATS = {Step.HOUR: "{0:%H:%M}", Step.DAY: "{0.day} {0:%b}", Step.MONTH: "{0:%b %Y}"}


@dataclass(frozen=True, slots=True)
class ReportLine:
    """What one model, key or project used in the whole selection, or in one step of it."""

    group: UUID
    name: str
    used: UsageSum


@dataclass(frozen=True, slots=True)
class ReportStep:
    begins: datetime
    label: str
    lines: tuple[ReportLine, ...]
    used: UsageSum

    def used_by(self, group: UUID) -> UsageSum:
        return next((line.used for line in self.lines if line.group == group), UsageSum())


@dataclass(frozen=True, slots=True)
class UsageReport:
    """`classes` are those that occur, in the order of the price list; `steps` tile the selection, empty ones too."""

    total: UsageSum
    classes: tuple[TokenClass, ...]
    lines: tuple[ReportLine, ...]
    steps: tuple[ReportStep, ...]
    chart: BarChart


def report_of(filters: UsageFilters, names: Names) -> UsageReport:
    rows = usage_by(filters.selection, filters.group, step=filters.step)
    total = total_of(rows)
    lines = _lines(rows, filters, names)
    steps = tuple(_steps(rows, filters, names))
    return UsageReport(
        total=total,
        classes=tuple(token_class for token_class, count in total.counts.items() if count and _is_token(token_class)),
        lines=lines,
        steps=steps,
        chart=_chart(steps, lines, filters.metric),
    )


def measured(used: UsageSum, metric: Metric) -> int:
    """Answer tokens, or picodollars."""
    return used.amount if metric is Metric.COST else used.counts.total


def step_begins(filters: UsageFilters) -> Iterator[datetime]:
    """Answer the beginning of every step that the selection touches."""
    begins, end = _floor(filters.selection.start, filters.step), filters.selection.end
    while begins < end:
        yield begins
        begins = _next(begins, filters.step)


def _lines(rows: Sequence[UsageRow], filters: UsageFilters, names: Names) -> tuple[ReportLine, ...]:
    used: defaultdict[UUID, UsageSum] = defaultdict(UsageSum)
    for row in rows:
        used[row.group] += row.used
    lines = [ReportLine(group, names.name(filters.group, group), each) for group, each in used.items()]
    return tuple(sorted(lines, key=lambda line: (-measured(line.used, filters.metric), line.name)))


def _steps(rows: Sequence[UsageRow], filters: UsageFilters, names: Names) -> Iterator[ReportStep]:
    found: defaultdict[datetime, list[UsageRow]] = defaultdict(list)
    for row in rows:
        found[row.begins].append(row)
    for begins in step_begins(filters):
        own = found[begins]
        yield ReportStep(
            begins=begins,
            label=LABEL_FORMATS[filters.step].format(begins),
            lines=_lines(own, filters, names),
            used=total_of(own),
        )


def _chart(steps: Sequence[ReportStep], lines: Sequence[ReportLine], metric: Metric) -> BarChart:
    values = [{line.group: measured(line.used, metric) for line in step.lines} for step in steps]
    series = [Series(line.name, tuple(step.get(line.group, 0) for step in values)) for line in lines]
    return stacked_bars([step.label for step in steps], series)


def _is_token(token_class: TokenClass) -> bool:
    return token_class is not TokenClass.REQUESTS


def _floor(instant: datetime, step: Step) -> datetime:
    hour = instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if step is Step.HOUR:
        return hour
    return hour.replace(hour=0) if step is Step.DAY else hour.replace(hour=0, day=1)


def _next(begins: datetime, step: Step) -> datetime:
    if step is Step.MONTH:
        return months_after(begins, 1)
    return begins + (timedelta(hours=1) if step is Step.HOUR else timedelta(days=1))
