"""What an organization asks of all of its keys."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Organization
from accounts.permissions import Permission
from core.errors import Invalid

LONGEST = 3650


@transaction.atomic
def set_key_policy(
    organization: Organization, *, max_key_days: int | None, leaked_keys: str, actor: Actor, now: datetime
) -> Organization:
    """Limit how long new keys live, and say what happens to leaked ones. Raises NotAllowed, Invalid.

    Keys that exist keep their end; those that outlive the limit are pointed out.
    """
    actor.require(Permission.MANAGE_ORGANIZATION, organization)
    if max_key_days is not None and not 1 <= max_key_days <= LONGEST:
        raise Invalid(f"A key lives 1 to {LONGEST} days.")
    if leaked_keys not in Organization.LeakedKeys.values:
        raise Invalid("A leaked key is revoked or disabled.")
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    before = (organization.max_key_days, organization.leaked_keys)
    if before == (max_key_days, leaked_keys):
        return organization
    organization.max_key_days, organization.leaked_keys = max_key_days, leaked_keys
    organization.save(update_fields=["max_key_days", "leaked_keys"])
    record(actor, "organization.key_policy", organization, at=now, max_key_days=max_key_days, leaked_keys=leaked_keys)
    return organization
