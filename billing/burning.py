"""Burning credit: which grants pay for usage, in which order. Pure: no Django, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

# Given credit goes before credit that was paid for.
KINDS_IN_ORDER = ("promotional", "plan", "paid")
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Burnable:
    """A grant with what remains of it, in picodollars."""

    id: UUID
    kind: str
    priority: int
    expires_at: datetime | None
    created_at: datetime
    remaining: int


@dataclass(frozen=True, slots=True)
class Burn:
    """What each grant gives (never zero), and what none covers: it goes onto an invoice."""

    taken: tuple[tuple[UUID, int], ...]
    uncovered: int

    @property
    def covered(self) -> int:
        return sum(amount for _, amount in self.taken)


def burn(grants: Iterable[Burnable], amount: int) -> Burn:
    """Pay `amount` picodollars from the grants in their order. An amount below zero burns nothing: it is owed back."""
    taken: list[tuple[UUID, int]] = []
    for grant in sorted(grants, key=burn_order):
        part = min(grant.remaining, amount)
        if part > 0:
            taken.append((grant.id, part))
            amount -= part
    return Burn(tuple(taken), amount)


def give_back(paid: Sequence[tuple[UUID, int]], amount: int) -> tuple[tuple[UUID, int], ...]:
    """Take `amount` back from what grants have paid, the last one first. Answers parts below zero, as burning them."""
    returned: list[tuple[UUID, int]] = []
    for grant, had_paid in reversed(paid):
        part = min(had_paid, amount)
        if part > 0:
            returned.append((grant, -part))
            amount -= part
    return tuple(returned)


def burn_order(grant: Burnable) -> tuple[Any, ...]:
    """Lowest priority number, earliest expiry (none is last), promotional before plan before paid, oldest, id."""
    kind = KINDS_IN_ORDER.index(grant.kind)
    return (grant.priority, grant.expires_at or NEVER, kind, grant.created_at, grant.id)
