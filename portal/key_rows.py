"""Keys as their list shows them: with their state now, and when they were last used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from core.key_check import ARCHIVED, FROZEN
from keys.hints import Hint, hints_of
from keys.models import ApiKey
from usage.models import UsageRollup


@dataclass(frozen=True, slots=True)
class KeyRow:
    """`state` is the status, "frozen", "expired" or "archived".

    `last_used` is an instant, or the hour if only that is known.
    """

    key: ApiKey
    state: str
    last_used: datetime | None
    hints: Sequence[Hint]


def key_rows(keys: Iterable[ApiKey], *, organization: UUID, at: datetime) -> Sequence[KeyRow]:
    keys = list(keys)
    used = _last_used(organization, [key.pk for key in keys])
    rows = []
    for key in keys:
        last_used = max(filter(None, (key.last_used_at, used.get(key.pk))), default=None)
        rows.append(KeyRow(key, state_of(key, at), last_used, hints_of(key, at=at)))
    return rows


def state_of(key: ApiKey, at: datetime) -> str:
    """Answer what refuses it first: revoked for good, past its day, put away with its project; or its own status."""
    if key.status == ApiKey.Status.REVOKED:
        return key.status
    if key.is_expired(at):
        return "expired"
    if key.project.archived_at:
        return ARCHIVED
    return FROZEN if key.is_frozen else key.status


def last_used_hour(key: ApiKey) -> datetime | None:
    """The hour in which the key was used last, by the usage that was metered."""
    return _last_used(key.organization_id, [key.pk]).get(key.pk)


def _last_used(organization: UUID, keys: Sequence[UUID]) -> Mapping[UUID, datetime]:
    hours = UsageRollup.objects.filter(organization_id=organization, key_id__in=keys)
    return dict(hours.values("key_id").annotate(last=Max("hour")).values_list("key_id", "last").order_by())
