"""Revoking a key: for ever, and everywhere as soon as this commits."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from accounts.after_commit import after_commit
from accounts.audit import record
from keys.facts import publish_key
from keys.models import ApiKey
from keys.permission import require_to_manage


@transaction.atomic
def revoke_key(key: ApiKey, *, actor: Actor, now: datetime, reason: str = "") -> ApiKey:
    """Refuse the key from now on; answer it as it stands. A key that is revoked already stays as it is."""
    require_to_manage(actor, key.kind, key.organization)
    key = ApiKey.objects.select_for_update(of=["self"]).get(pk=key.pk)
    if key.status == ApiKey.Status.REVOKED:
        return key
    ApiKey.objects.filter(pk=key.pk).update(
        status=ApiKey.Status.REVOKED, disabled_for="", revoked_at=now, facts_version=F("facts_version") + 1
    )
    record(actor, "key.revoked", key, at=now, reason=reason)
    after_commit(publish_key, key.pk)
    key.refresh_from_db()
    return key
