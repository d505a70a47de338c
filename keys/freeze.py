"""Freezing a key whose spending is far out of its own usual: disabled, with what was seen, until a person looks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from accounts.after_commit import after_commit
from accounts.audit import record
from core.money import decimal_of_picos
from keys.facts import publish_key
from keys.models import ApiKey, KeyFreeze

ACTOR = Actor.job("velocity freeze")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What was seen, in picodollars: spent in the last `minutes`, the most in an hour of the week, and the bound."""

    spent: int
    usual: int
    bound: int
    minutes: int


@transaction.atomic
def freeze_key(pk: UUID, pattern: Pattern, *, now: datetime) -> KeyFreeze | None:
    """Refuse the key everywhere within a second of the commit; None where it is stopped or known meanwhile."""
    key = ApiKey.objects.select_for_update(of=["self"]).select_related("organization").get(pk=pk)
    if key.status != ApiKey.Status.ACTIVE or not key.is_watched(now):
        return None
    ApiKey.objects.filter(pk=pk).update(
        status=ApiKey.Status.DISABLED, disabled_for=ApiKey.Cause.VELOCITY, facts_version=F("facts_version") + 1
    )
    freeze = KeyFreeze.objects.create(
        key=key,
        spent=pattern.spent,
        usual=pattern.usual,
        bound=pattern.bound,
        minutes=pattern.minutes,
        frozen_at=now,
    )
    record(ACTOR, "key.frozen", key, at=now, **_told(pattern))
    after_commit(publish_key, pk)
    return freeze


def _told(pattern: Pattern) -> dict[str, Any]:
    amounts = {"spent": pattern.spent, "usual": pattern.usual, "bound": pattern.bound}
    return {name: f"{decimal_of_picos(amount):f}" for name, amount in amounts.items()} | {"minutes": pattern.minutes}
