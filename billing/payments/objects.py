"""Reading Stripe's objects: what a field holds, as our types."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

Thing = TypeVar("Thing")


class HasMetadata(Protocol):
    @property
    def metadata(self) -> Any: ...


class HasId(Protocol):
    @property
    def id(self) -> str: ...


def metadata_of(thing: HasMetadata) -> dict[str, str]:
    return dict(thing.metadata.to_dict()) if thing.metadata else {}


def id_of(reference: str | HasId | None) -> str:
    """Answer the id that a field names, whether it was expanded or not; empty where it names nothing."""
    if reference is None or isinstance(reference, str):
        return reference or ""
    return reference.id


def instant(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp, tz=UTC)


def instant_or_none(timestamp: int | None) -> datetime | None:
    return None if timestamp is None else instant(timestamp)


def timestamp(when: datetime) -> int:
    """Whole seconds, as Stripe counts."""
    return int(when.timestamp())


def first(things: Iterable[Thing]) -> Thing | None:
    return next(iter(things), None)
