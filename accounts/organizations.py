"""Organizations: made at sign-up, and found again for the person who looks at a page."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Membership, Organization, Project, Role, User
from core.errors import Invalid

FIRST_PROJECT = "Default"
MAX_NAME = 120


@transaction.atomic
def create_organization(user: User, *, name: str, actor: Actor, now: datetime) -> Organization:
    """Create an organization that `user` owns, with the project "Default". Its account is opened by billing."""
    organization = Organization.objects.create(name=checked_name(name), billing_email=user.email, created_at=now)
    Membership.objects.create(organization=organization, user=user, role=Role.OWNER, created_at=now)
    Project.objects.create(organization=organization, name=FIRST_PROJECT, created_at=now)
    record(actor, "organization.created", organization, at=now, owner=user.email)
    return organization


def organization_of(user: User) -> Organization | None:
    """Answer the person's current organization: that of the first membership."""
    membership = current_membership(user)
    return membership.organization if membership else None


def current_membership(user: User) -> Membership | None:
    """Answer the person's first membership, with its organization."""
    return user.memberships.select_related("organization").order_by("created_at", "id").first()


def membership_of(user: User, organization: Organization) -> Membership | None:
    return organization.memberships.filter(user=user).first()


def checked_name(name: str) -> str:
    """Answer an organization's or a project's name without surrounding spaces. Raises Invalid."""
    name = name.strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid(f"A name has 1 to {MAX_NAME} characters.")
    return name
