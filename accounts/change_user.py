"""What staff change about a person: the name, and what the person may do as staff."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import User
from core.errors import Conflict, NotAllowed


@transaction.atomic
def change_user(user: User, fields: Sequence[str], *, actor: Actor, now: datetime) -> None:
    """Save `fields` of `user`. Raises NotAllowed for others than superusers, Conflict for closing one's own account."""
    if not (actor.is_staff_action and actor.user and actor.user.is_superuser):
        raise NotAllowed("Only a superuser may change people.")
    if user == actor.user and not (user.is_active and user.is_staff and user.is_superuser):
        raise Conflict("You would lock yourself out: another superuser may do this.")
    user.save(update_fields=[field for field in fields if field in STORED])
    record(actor, "user.changed", user, at=now, fields=sorted(fields))


STORED = ("first_name", "last_name", "is_active", "is_staff", "is_superuser")
