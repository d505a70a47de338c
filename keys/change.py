"""Changing what a key is called, may do, and when it ends."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from accounts.after_commit import after_commit
from accounts.audit import record
from core.wire import UNLIMITED, RateLimits
from keys.disable import KeyIsRevoked
from keys.facts import publish_key
from keys.issue import checked_name
from keys.lifetime import checked_expiry
from keys.limits import checked_limits
from keys.models import ApiKey
from keys.permission import require_to_manage
from keys.restrictions import Restrictions, checked, kind_with


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """Everything about a key that may be changed."""

    name: str
    restrictions: Restrictions
    expires_at: datetime | None
    limits: RateLimits = UNLIMITED
    velocity_freeze: bool = True


@transaction.atomic
def change_key(key: ApiKey, terms: KeyTerms, *, actor: Actor, now: datetime) -> ApiKey:
    """Put the terms in force; answer the key as it stands. Gateways follow as soon as this commits.

    Raises NotAllowed, KeyIsRevoked, Invalid.
    """
    require_to_manage(actor, key.kind, key.organization)
    key = ApiKey.objects.select_for_update(of=["self"]).select_related("organization").get(pk=key.pk)
    if key.status == ApiKey.Status.REVOKED:
        raise KeyIsRevoked(f"{key} was revoked and cannot be changed.")
    changed = {name: value for name, value in _columns(key, terms, now).items() if getattr(key, name) != value}
    if not changed:
        return key
    before = {name: getattr(key, name) for name in changed}
    ApiKey.objects.filter(pk=key.pk).update(**changed, facts_version=F("facts_version") + 1)
    record(actor, "key.changed", key, at=now, before=before, after=changed)
    after_commit(publish_key, key.pk)
    key.refresh_from_db()
    return key


def _columns(key: ApiKey, terms: KeyTerms, now: datetime) -> dict[str, Any]:
    restricted = checked(terms.restrictions, kind=key.kind)
    return {
        "name": checked_name(terms.name),
        "kind": str(kind_with(key.kind, restricted)),
        "scopes": list(restricted.scopes),
        "model_slugs": list(restricted.models),
        "denied_model_slugs": list(restricted.denied_models),
        "networks": list(restricted.networks),
        **asdict(checked_limits(terms.limits, kind=key.kind)),
        "velocity_freeze": terms.velocity_freeze,
        "expires_at": _expiry(key, terms.expires_at, now),
    }


def _expiry(key: ApiKey, expires_at: datetime | None, now: datetime) -> datetime | None:
    """What stays as it is isn't judged again: a key may have expired, or be older than a rule."""
    if expires_at == key.expires_at:
        return expires_at
    return checked_expiry(expires_at, key.organization, born=key.created_at, now=now)
