"""Renaming an organization."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Organization
from accounts.organizations import MAX_NAME
from accounts.permissions import Permission
from core.errors import Invalid


@transaction.atomic
def rename_organization(organization: Organization, *, name: str, actor: Actor, now: datetime) -> Organization:
    """Give the organization another name; the same one again changes nothing. Raises NotAllowed, Invalid."""
    actor.require(Permission.MANAGE_ORGANIZATION, organization)
    name = name.strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid(f"A name has 1 to {MAX_NAME} characters.")
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    if organization.name != name:
        before, organization.name = organization.name, name
        organization.save(update_fields=["name"])
        record(actor, "organization.renamed", organization, at=now, before=before, after=name)
    return organization
