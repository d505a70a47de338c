"""What a batch has done so far: counted from its lines whenever somebody asks, so that nothing can disagree."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum

from batches.line_usage import LineUsage
from batches.models import Batch, BatchLine
from batches.store_answer import USAGE

State = BatchLine.State


@dataclass(frozen=True, slots=True)
class Figures:
    """Lines by state, and what they used together."""

    lines: Mapping[str, int]
    usage: LineUsage

    @property
    def total(self) -> int:
        return sum(self.lines.values())

    @property
    def succeeded(self) -> int:
        return self.lines.get(State.SUCCEEDED, 0)

    @property
    def errored(self) -> int:
        return self.lines.get(State.ERRORED, 0)

    @property
    def open(self) -> int:
        return sum(self.lines.get(state, 0) for state in BatchLine.OPEN)


def figures_of(*batches: Batch) -> dict[Batch, Figures]:
    """One query for all of them."""
    sums = {name: Sum(name) for name in USAGE}
    rows: Any = BatchLine.objects.filter(batch__in=batches).order_by().values("batch_id", "state")
    counted: dict[object, dict[str, int]] = {}
    used: dict[object, list[LineUsage]] = {}
    for row in rows.annotate(lines=Count("pk"), **sums):
        counted.setdefault(row["batch_id"], {})[row["state"]] = row["lines"]
        used.setdefault(row["batch_id"], []).append(LineUsage(*(int(row[name]) for name in USAGE)))
    return {batch: Figures(counted.get(batch.pk, {}), _together(used.get(batch.pk, []))) for batch in batches}


def _together(usages: list[LineUsage]) -> LineUsage:
    return LineUsage(*(sum(getattr(each, name) for each in usages) for name in USAGE))
