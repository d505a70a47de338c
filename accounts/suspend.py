"""Suspending an organization: its keys are refused until it is restored; nothing is deleted."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from accounts.after_commit import after_commit
from accounts.audit import record
from accounts.models import Organization
from accounts.permissions import Permission
from core.errors import Invalid

# Billing publishes what gateways know of an organization; it stands above this app, so its publisher is passed in.
Publish = Callable[[UUID], object]


def suspend_organization(
    organization: Organization, *, reason: str, publish: Publish, actor: Actor, now: datetime
) -> None:
    """Refuse every key of the organization once this commits. Raises NotAllowed, Invalid without a reason."""
    if not reason.strip():
        raise Invalid("Say why: the reason is kept in the audit trail.")
    _change(organization, Organization.Status.SUSPENDED, reason=reason, publish=publish, actor=actor, now=now)


def restore_organization(
    organization: Organization, *, reason: str, publish: Publish, actor: Actor, now: datetime
) -> None:
    """Accept the organization's keys again. Raises NotAllowed."""
    _change(organization, Organization.Status.ACTIVE, reason=reason, publish=publish, actor=actor, now=now)


ACTIONS = {
    Organization.Status.SUSPENDED: "organization.suspended",
    Organization.Status.ACTIVE: "organization.restored",
}


@transaction.atomic
def _change(
    organization: Organization,
    status: Organization.Status,
    *,
    reason: str,
    publish: Publish,
    actor: Actor,
    now: datetime,
) -> None:
    actor.require(Permission.SUSPEND_ORGANIZATIONS)
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    if organization.status == status:
        return
    organization.status = status
    organization.save(update_fields=["status"])
    record(actor, ACTIONS[status], organization, at=now, reason=reason)
    after_commit(publish, organization.pk)
