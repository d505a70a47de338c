"""Rotating a key: a new secret at once, and the old one for as long as programs need to change over."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from accounts.after_commit import after_commit
from accounts.audit import record
from accounts.permissions import Permission
from core.errors import Conflict, Invalid, NotAllowed
from core.scope import ADMIN_SCOPES
from core.tokens import Environment
from keys.facts import publish_key
from keys.issue import IssuedKey, issue_key
from keys.lifetime import latest_expiry
from keys.models import ApiKey
from keys.permission import require_to_manage
from keys.restrictions import restrictions_of

LONGEST_GRACE = timedelta(days=30)


class KeyNotUsable(Conflict):
    code = "key_not_usable"
    title = "Only a key in use can be rotated"


class KeyIsRotated(Conflict):
    code = "key_rotated"
    title = "This key has been rotated already"


@transaction.atomic
def rotate_key(key: ApiKey, *, grace: timedelta, actor: Actor, now: datetime) -> IssuedKey:
    """Issue a key with the same name, limits and lifetime; the old one works until `grace` has passed, or its own end.

    Raises NotAllowed, KeyNotUsable, KeyIsRotated, Conflict for an archived project, Invalid for a bad grace.
    """
    require_to_manage(actor, key.kind, key.organization)
    if not timedelta(0) <= grace <= LONGEST_GRACE:
        raise Invalid(f"The old key can go on working for 0 to {LONGEST_GRACE.days} days.")
    key = ApiKey.objects.select_for_update(of=["self"]).select_related("organization", "project").get(pk=key.pk)
    _check(key, now)
    issued = issue_key(
        key.project,
        name=key.name,
        actor=actor,
        now=now,
        environment=Environment(key.environment),
        kind=key.kind,
        restrictions=restrictions_of(key),
        limits=key.limits,
        velocity_freeze=key.velocity_freeze,
        expires_at=_as_long_again(key, now),
    )
    ends_at = min(now + grace, key.expires_at or now + grace)
    ApiKey.objects.filter(pk=key.pk).update(
        replaced_by=issued.key, expires_at=ends_at, facts_version=F("facts_version") + 1
    )
    record(actor, "key.rotated", key, at=now, replaced_by=issued.key.prefix, works_until=ends_at)
    after_commit(publish_key, key.pk)
    return issued


def rotate_by_program(key: ApiKey, *, caller: ApiKey, grace: timedelta, actor: Actor, now: datetime) -> IssuedKey:
    """The same for a program that holds the admin key `caller`: it may rotate admin keys, too, itself included.

    Whoever rotates a key gets to know the new one. So the key must not be able to do more than the caller, or from
    elsewhere. Raises as above.
    """
    actor.require(Permission.MANAGE_KEYS, key.organization)
    if key.kind == ApiKey.Kind.ADMIN:
        _refuse_more_than(caller, key)
        actor = replace(actor, granted=actor.granted | {Permission.MANAGE_ADMIN_KEYS})
    return rotate_key(key, grace=grace, actor=actor, now=now)


def _refuse_more_than(caller: ApiKey, key: ApiKey) -> None:
    if key.pk == caller.pk:
        return
    scopes = set(key.scopes or ADMIN_SCOPES)
    networks = set(key.networks)
    if not scopes <= set(caller.scopes or ADMIN_SCOPES):
        raise NotAllowed(f"{key} may do more than the admin key that asks: ask with one that may do as much.")
    if caller.networks and not (networks and networks <= set(caller.networks)):
        raise NotAllowed(f"{key} may be used from elsewhere than the admin key that asks.")


def _check(key: ApiKey, now: datetime) -> None:
    if key.replaced_by_id is not None:
        raise KeyIsRotated(f"{key} has been replaced: rotate the key that replaced it.")
    if not key.is_usable(now):
        raise KeyNotUsable(f"{key} is not in use: enable it, or make a new key.")


def _as_long_again(key: ApiKey, now: datetime) -> datetime | None:
    """The new key lives as long as the old one was to live, within what the organization allows by now."""
    if key.expires_at is None:
        return None
    again = now + (key.expires_at - key.created_at)
    latest = latest_expiry(key.organization, born=now)
    return min(again, latest) if latest else again
