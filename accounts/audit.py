"""The audit trail: every action records one entry, in the transaction of the change itself."""

from datetime import datetime
from typing import Any

from django.db import models

from accounts.actor import Actor
from accounts.models import AuditEntry, Organization

MAX_NAME = 200


def record(
    actor: Actor,
    action: str,
    object_: models.Model,
    *,
    at: datetime,
    organization: Organization | None = None,
    **data: Any,
) -> AuditEntry:
    """Append an entry such as "key.revoked". `data` is plain JSON, instants, decimals and ids; never a secret.

    Without `organization` the object's own is noted, where it has one.
    """
    return AuditEntry.objects.create(
        at=at,
        organization=organization or _organization_of(object_),
        user=actor.user,
        actor=actor.name,
        action=action,
        object_type=object_._meta.label_lower,  # noqa: SLF001 - Django's documented way to a model's name
        object_id=str(object_.pk),
        object_name=str(object_)[:MAX_NAME],
        data=data,
        ip_address=actor.ip_address,
    )


def _organization_of(object_: models.Model) -> Organization | None:
    if isinstance(object_, Organization):
        return object_
    owner = getattr(object_, "organization", None)
    return owner if isinstance(owner, Organization) else None
