"""Which usage is asked for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Dimension(StrEnum):
    """What usage is told apart by. Each names rows of another app by id."""

    MODEL = "model"
    KEY = "key"
    PROJECT = "project"

    @property
    def column(self) -> str:
        return f"{self.value}_id"


class Step(StrEnum):
    """The length of one bar in UTC."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Selection:
    """Usage of one organization that occurred in `[start, end)`; None for an id means any.

    `among` names further columns of events and rollups, each with the values that are wanted.
    """

    organization: UUID
    start: datetime
    end: datetime
    project: UUID | None = None
    key: UUID | None = None
    model: UUID | None = None
    among: Mapping[str, Collection[UUID | str]] = field(default_factory=dict)

    @property
    def conditions(self) -> dict[str, object]:
        """What events and rollups are filtered by, as arguments."""
        ids = {"project_id": self.project, "key_id": self.key, "model_id": self.model}
        chosen = {column: id_ for column, id_ in ids.items() if id_ is not None}
        wanted = {f"{column}__in": list(values) for column, values in self.among.items()}
        return {"organization_id": self.organization, **chosen, **wanted}
