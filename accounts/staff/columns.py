"""Columns of staff tables: unfold's decorator with types, and one colour per meaning of a status."""

from collections.abc import Callable
from typing import Any, TypeVar

from unfold.decorators import display

Method = TypeVar("Method", bound=Callable[..., Any])

COLOURS = {
    "active": "success",
    "callable": "success",
    "completed": "success",
    "ga": "success",
    "paid": "success",
    "published": "success",
    "succeeded": "success",
    "disabled": "warning",
    "draft": "info",
    "incomplete": "warning",
    "open": "info",
    "partially_paid": "warning",
    "past_due": "warning",
    "paused": "warning",
    "pending": "warning",
    "refused": "danger",
    "revoked": "danger",
    "scheduled": "info",
    "in force": "success",
    "suspended": "danger",
    "uncollectible": "danger",
    "unpaid": "danger",
}


def column(description: str, *, ordering: str | None = None) -> Callable[[Method], Method]:
    decorated: Callable[[Method], Method] = display(description=description, ordering=ordering)
    return decorated


def status_column(description: str = "status", *, ordering: str | None = "status") -> Callable[[Method], Method]:
    """Mark a column whose value is shown as a coloured label."""
    decorated: Callable[[Method], Method] = display(description=description, ordering=ordering, label=COLOURS)
    return decorated
