from datetime import datetime

import pytest

from accounts.actor import Actor
from accounts.models import Membership, Organization, Role, User
from accounts.permissions import STAFF_NEED, Permission
from core.errors import NotAllowed
from tests.actors import acting, acting_as_staff
from tests.factories import make_user

MAY = {
    Role.OWNER: {Permission.MANAGE_KEYS, Permission.MANAGE_BILLING, Permission.MANAGE_ORGANIZATION},
    Role.ADMIN: {Permission.MANAGE_KEYS, Permission.MANAGE_BILLING},
    Role.DEVELOPER: {Permission.MANAGE_KEYS},
    Role.FINANCE: {Permission.MANAGE_BILLING},
    Role.VIEWER: set(),
}
ASKED = (Permission.MANAGE_KEYS, Permission.MANAGE_BILLING, Permission.MANAGE_ORGANIZATION)
SELLERS = (Permission.GRANT_CREDIT, Permission.PUBLISH_PRICES, Permission.MANAGE_PLANS, Permission.MANAGE_MODELS)


@pytest.mark.parametrize("role", Role)
def test_a_member_may_what_the_role_says(role: Role, acme: Organization, now: datetime) -> None:
    member = make_user()
    Membership.objects.create(organization=acme, user=member, role=role, created_at=now)

    allowed = {permission for permission in ASKED if acting(member).can(permission, acme)}

    assert allowed == MAY[role]


@pytest.mark.parametrize("permission", Permission)
def test_an_outsider_may_nothing(
    permission: Permission, acme: Organization, eve: User, elsewhere: Organization
) -> None:
    assert not acting(eve).can(permission, acme)
    with pytest.raises(NotAllowed, match=permission.value):
        acting(eve).require(permission, acme)


@pytest.mark.parametrize("permission", SELLERS)
def test_no_role_has_the_sellers_permissions(permission: Permission, acme: Organization, ada: User) -> None:
    assert not acting(ada).can(permission, acme)
    assert not acting(ada).can(permission)


def test_staff_are_members_like_others_outside_the_admin(acme: Organization, sam: User) -> None:
    assert not acting(sam).can(Permission.MANAGE_KEYS, acme)
    assert acting_as_staff(sam).can(Permission.MANAGE_KEYS, acme)


def test_staff_who_are_no_superusers_need_the_permission(acme: Organization) -> None:
    clerk = make_user(is_staff=True)

    allowed = [permission for permission in Permission if acting_as_staff(clerk).can(permission, acme)]

    assert allowed == []


def test_others_cannot_act_as_staff(ada: User) -> None:
    with pytest.raises(NotAllowed):
        acting_as_staff(ada)


def test_a_job_may_everything(acme: Organization) -> None:
    assert all(Actor.job("close periods").can(permission, acme) for permission in Permission)


def test_every_permission_has_one_of_djangos() -> None:
    assert set(STAFF_NEED) == set(Permission)


def test_a_program_may_what_its_key_grants_in_its_organization_alone(
    acme: Organization, elsewhere: Organization
) -> None:
    program = Actor.program("key tw_admin_x", organization_id=acme.pk, granted={Permission.MANAGE_KEYS})

    assert program.can(Permission.MANAGE_KEYS, acme)
    assert not program.can(Permission.MANAGE_BILLING, acme)
    assert not program.can(Permission.MANAGE_KEYS, elsewhere)
    assert not program.can(Permission.MANAGE_KEYS)
    assert not program.can(Permission.GRANT_CREDIT)


def test_a_member_is_told_which_role_is_needed(acme: Organization, ben: User) -> None:
    with pytest.raises(NotAllowed) as refusal:
        acting(ben).require(Permission.VIEW_BILLING, acme)

    assert refusal.value.detail == (
        "To view billing takes the role owner, admin or finance. Yours is developer: ask an owner of Acme."
    )


def test_an_outsider_is_told_nothing_of_the_house(acme: Organization, eve: User, elsewhere: Organization) -> None:
    with pytest.raises(NotAllowed) as refusal:
        acting(eve).require(Permission.VIEW_BILLING, acme)

    assert "Acme" not in refusal.value.detail


def test_one_role_alone_is_named_alone(acme: Organization, ben: User) -> None:
    with pytest.raises(NotAllowed, match=r"takes the role owner\. Yours"):
        acting(ben).require(Permission.MANAGE_ORGANIZATION, acme)
