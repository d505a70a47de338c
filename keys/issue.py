"""Issuing a key: the one moment in which its text exists."""

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.actor import Actor
from accounts.after_commit import after_commit
from accounts.audit import record
from accounts.models import Project
from accounts.permissions import Permission
from core.errors import Conflict, Invalid
from core.tokens import Environment, keyed_hash, new_token, parse_peppers
from keys.facts import publish_key
from keys.models import ApiKey

MAX_NAME = 120


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """`text` is the key in clear: shown once to its owner, stored nowhere."""

    key: ApiKey
    text: str = field(repr=False)


@transaction.atomic
def issue_key(
    project: Project,
    *,
    name: str,
    actor: Actor,
    now: datetime,
    environment: Environment = Environment.LIVE,
    expires_at: datetime | None = None,
) -> IssuedKey:
    """Issue a key of `project`; gateways know it as soon as this commits.

    Raises NotAllowed, Conflict for an archived project, Invalid for a bad name or an expiry that has passed.
    """
    actor.require(Permission.MANAGE_KEYS, project.organization)
    _check(project, name.strip(), expires_at, now)
    pepper_id, pepper = next(iter(parse_peppers(settings.KEY_PEPPERS).items()))
    token = new_token(settings.KEY_BRAND, environment)
    key = ApiKey.objects.create(
        organization=project.organization,
        project=project,
        name=name.strip(),
        key_id=token.key_id,
        hash=keyed_hash(token, pepper),
        pepper_id=pepper_id,
        environment=environment.value,
        created_by=actor.user,
        created_at=now,
        expires_at=expires_at,
    )
    record(actor, "key.issued", key, at=now, project=project.name, expires_at=expires_at)
    after_commit(publish_key, key.pk)
    return IssuedKey(key, token.text)


def _check(project: Project, name: str, expires_at: datetime | None, now: datetime) -> None:
    if project.archived_at is not None:
        raise Conflict(f"The project {project} is archived.")
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid(f"A key's name has 1 to {MAX_NAME} characters.")
    if expires_at is not None and expires_at <= now:
        raise Invalid("A key can only expire in the future.")
