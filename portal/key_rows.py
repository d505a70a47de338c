"""Keys as their list shows them: with their state now, and when they were last used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from keys.models import ApiKey
from usage.models import UsageRollup


@dataclass(frozen=True, slots=True)
class KeyRow:
    """`state` is the key's status, or "expired". `last_used` is the hour (UTC) in which it was used last."""

    key: ApiKey
    state: str
    last_used: datetime | None


def key_rows(keys: Iterable[ApiKey], *, organization: UUID, at: datetime) -> Sequence[KeyRow]:
    keys = list(keys)
    used = _last_used(organization, [key.pk for key in keys])
    return [KeyRow(key, state_of(key, at), used.get(key.pk)) for key in keys]


def state_of(key: ApiKey, at: datetime) -> str:
    """A key that is past its day is shown as expired, unless it was revoked for good."""
    return "expired" if key.is_expired(at) and key.status != ApiKey.Status.REVOKED else key.status


def _last_used(organization: UUID, keys: Sequence[UUID]) -> Mapping[UUID, datetime]:
    hours = UsageRollup.objects.filter(organization_id=organization, key_id__in=keys)
    return dict(hours.values("key_id").annotate(last=Max("hour")).values_list("key_id", "last").order_by())
