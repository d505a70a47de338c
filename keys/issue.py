"""Issuing a key: the one moment in which its text exists."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.actor import Actor
from accounts.after_commit import after_commit
from accounts.audit import record
from accounts.models import Project
from core.errors import Conflict, Invalid
from core.tokens import Environment, keyed_hash, new_token, parse_peppers
from core.wire import UNLIMITED, RateLimits
from keys.facts import publish_key
from keys.lifetime import checked_expiry
from keys.limits import checked_limits
from keys.models import ApiKey
from keys.permission import require_to_manage
from keys.restrictions import FREE, Restrictions, checked, kind_with

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
    kind: str = ApiKey.Kind.SECRET,
    restrictions: Restrictions = FREE,
    limits: RateLimits = UNLIMITED,
    velocity_freeze: bool = True,
    expires_at: datetime | None = None,
) -> IssuedKey:
    """Issue a key of `project`; gateways know it as soon as this commits.

    Without `expires_at` it lives as long as the organization allows; an admin key's environment is "admin".
    Raises NotAllowed, Conflict for an archived project, Invalid for a bad name, limit or expiry.
    """
    require_to_manage(actor, kind, project.organization)
    if project.archived_at is not None:
        raise Conflict(f"The project {project} is archived.")
    restricted = checked(restrictions, kind=_known(kind))
    if kind == ApiKey.Kind.RESTRICTED and not restricted.are_any:
        raise Invalid("Say what the key is limited to: scopes, models or networks.")
    expires_at = checked_expiry(expires_at, project.organization, born=now, now=now)
    pepper_id, pepper = next(iter(parse_peppers(settings.KEY_PEPPERS).items()))
    token = new_token(settings.KEY_BRAND, Environment.ADMIN if kind == ApiKey.Kind.ADMIN else environment)
    key = ApiKey.objects.create(
        organization=project.organization,
        project=project,
        name=checked_name(name),
        key_id=token.key_id,
        hash=keyed_hash(token, pepper),
        pepper_id=pepper_id,
        environment=token.environment.value,
        kind=kind_with(kind, restricted),
        scopes=restricted.scopes,
        model_slugs=restricted.models,
        denied_model_slugs=restricted.denied_models,
        networks=restricted.networks,
        **asdict(checked_limits(limits, kind=kind)),
        velocity_freeze=velocity_freeze,
        created_by=actor.user,
        created_at=now,
        expires_at=expires_at,
    )
    record(actor, "key.issued", key, at=now, project=project.name, kind=key.kind, expires_at=expires_at)
    after_commit(publish_key, key.pk)
    return IssuedKey(key, token.text)


def checked_name(name: str) -> str:
    """Answer it without surrounding spaces. Raises Invalid."""
    name = name.strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid(f"A key's name has 1 to {MAX_NAME} characters.")
    return name


def _known(kind: str) -> str:
    if kind not in ApiKey.Kind.values:
        raise Invalid(f"“{kind[:40]}” is no kind of key: choose from {', '.join(ApiKey.Kind.values)}.")
    return kind
