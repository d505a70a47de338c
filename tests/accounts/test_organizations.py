from datetime import datetime, timedelta

import pytest

from accounts.models import AuditEntry, Membership, Organization, Role, User
from accounts.organizations import create_organization, membership_of, organization_of
from core.errors import Invalid
from tests.actors import acting


def test_a_new_organization_has_an_owner_and_a_project(ada: User, now: datetime) -> None:
    acme = create_organization(ada, name="  Acme ", actor=acting(ada), now=now)

    assert (acme.name, acme.billing_email, acme.created_at) == ("Acme", "ada@acme.example", now)
    assert [project.name for project in acme.projects.all()] == ["Default"]
    assert [(member.user, member.role) for member in acme.memberships.all()] == [(ada, Role.OWNER)]
    entry = AuditEntry.objects.get(action="organization.created")
    assert (entry.organization, entry.actor) == (acme, "ada@acme.example")


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_name_is_neither_empty_nor_endless(name: str, ada: User, now: datetime) -> None:
    with pytest.raises(Invalid):
        create_organization(ada, name=name, actor=acting(ada), now=now)

    assert not Organization.objects.exists()


def test_the_current_organization_is_the_first_one_joined(
    acme: Organization, elsewhere: Organization, ada: User, eve: User, now: datetime
) -> None:
    Membership.objects.create(organization=elsewhere, user=ada, role=Role.VIEWER, created_at=now + timedelta(days=1))

    assert organization_of(ada) == acme
    assert organization_of(eve) == elsewhere


def test_an_outsider_has_no_membership(acme: Organization, eve: User) -> None:
    assert membership_of(eve, acme) is None
    assert organization_of(eve) is None
