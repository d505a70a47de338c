"""Columns of staff tables: unfold's decorator with types, and one colour per meaning of a status."""

from collections.abc import Callable
from typing import Any, TypeVar

from unfold.decorators import display

Method = TypeVar("Method", bound=Callable[..., Any])

# A value that is missing here would be shown raw: every status of a listed table has its line.
COLOURS = {
    "active": "success",
    "completed": "success",
    "ga": "success",
    "in force": "success",
    "kept": "success",
    "paid": "success",
    "published": "success",
    "succeeded": "success",
    "trialing": "success",
    "closed": "info",
    "draft": "info",
    "internal": "info",
    "open": "info",
    "partner_preview": "info",
    "plan": "info",
    "promotional": "info",
    "public_preview": "info",
    "scheduled": "info",
    "staged_rollout": "info",
    "waitlist": "info",
    "deprecated": "warning",
    "disabled": "warning",
    "incomplete": "warning",
    "partially_paid": "warning",
    "past_due": "warning",
    "paused": "warning",
    "pending": "warning",
    "broken": "danger",
    "canceled": "danger",
    "expired": "danger",
    "incomplete_expired": "danger",
    "refused": "danger",
    "retired": "danger",
    "revoked": "danger",
    "suspended": "danger",
    "uncollectible": "danger",
    "unpaid": "danger",
    "void": "danger",
}


def column(description: str, *, ordering: str | None = None) -> Callable[[Method], Method]:
    decorated: Callable[[Method], Method] = display(description=description, ordering=ordering)
    return decorated


def status_column(description: str = "status", *, ordering: str | None = "status") -> Callable[[Method], Method]:
    """Mark a column whose value is shown as a coloured label."""
    decorated: Callable[[Method], Method] = display(description=description, ordering=ordering, label=COLOURS)
    return decorated
