"""Disabling a key for a while, and enabling it again."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from accounts.after_commit import after_commit
from accounts.audit import record
from core.errors import Conflict
from keys.facts import publish_key
from keys.models import ApiKey
from keys.permission import require_to_manage


class KeyIsRevoked(Conflict):
    code = "key_revoked"
    title = "A revoked key stays revoked"


@transaction.atomic
def disable_key(key: ApiKey, *, actor: Actor, now: datetime) -> ApiKey:
    """Refuse the key until it is enabled again; answer it as it stands. Raises NotAllowed, KeyIsRevoked."""
    return _change(key, ApiKey.Status.DISABLED, "key.disabled", actor=actor, now=now)


@transaction.atomic
def enable_key(key: ApiKey, *, actor: Actor, now: datetime) -> ApiKey:
    """Accept a disabled key again; answer it as it stands. Raises NotAllowed, KeyIsRevoked.

    Whoever enables a key that was frozen has looked: what it spends is taken for known for VELOCITY_KNOWN_HOURS.
    """
    return _change(key, ApiKey.Status.ACTIVE, "key.enabled", actor=actor, now=now)


def _change(key: ApiKey, status: ApiKey.Status, action: str, *, actor: Actor, now: datetime) -> ApiKey:
    require_to_manage(actor, key.kind, key.organization)
    key = ApiKey.objects.select_for_update(of=["self"]).get(pk=key.pk)
    if key.status == ApiKey.Status.REVOKED:
        raise KeyIsRevoked(f"{key} was revoked and cannot be used again: issue a new key.")
    if key.status == status:
        return key
    known = _known_until(key, now) if status == ApiKey.Status.ACTIVE else key.velocity_known_until
    ApiKey.objects.filter(pk=key.pk).update(
        status=status, disabled_for="", velocity_known_until=known, facts_version=F("facts_version") + 1
    )
    noted: dict[str, Any] = {"was_frozen": True} if key.is_frozen else {}
    record(actor, action, key, at=now, **noted)
    after_commit(publish_key, key.pk)
    key.refresh_from_db()
    return key


def _known_until(key: ApiKey, now: datetime) -> datetime | None:
    if not key.is_frozen:
        return key.velocity_known_until
    return now + timedelta(hours=settings.VELOCITY_KNOWN_HOURS)
