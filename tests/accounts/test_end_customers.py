"""Registering, renaming, suspending and restoring end customers."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from accounts.end_customers import register_end_customer, rename_end_customer
from accounts.models import AuditEntry, EndCustomer, Organization, User
from accounts.suspend_end_customer import restore_end_customer, suspend_end_customer
from core.errors import Invalid, NotAllowed
from tests.actors import acting
from tests.factories import ROBOT


@pytest.fixture
def told() -> list[UUID]:
    """Whom gateways were told of."""
    return []


@pytest.fixture
def customer(acme: Organization, told: list[UUID], now: datetime) -> EndCustomer:
    return register(acme, "c-1", told, now=now)


def register(organization: Organization, external_id: str, told: list[UUID], *, now: datetime) -> EndCustomer:
    return register_end_customer(
        organization, external_id=external_id, name="One", publish=told.append, actor=ROBOT, now=now
    )[0]


def test_the_same_id_is_registered_once(acme: Organization, told: list[UUID], now: datetime) -> None:
    first, is_new = register_end_customer(
        acme, external_id=" c-1 ", name="One", publish=told.append, actor=ROBOT, now=now
    )
    again, is_new_again = register_end_customer(
        acme, external_id="c-1", name="Other", publish=told.append, actor=ROBOT, now=now
    )

    assert (is_new, is_new_again) == (True, False)
    assert first == again
    assert (again.external_id, again.name) == ("c-1", "One")
    assert told == [first.pk]
    assert AuditEntry.objects.filter(action="end_customer.registered").count() == 1


def test_another_organization_has_ids_of_its_own(
    acme: Organization, elsewhere: Organization, told: list[UUID], now: datetime
) -> None:
    assert register(acme, "c-1", told, now=now).pk != register(elsewhere, "c-1", told, now=now).pk


@pytest.mark.parametrize("external_id", ["", "   ", "x" * 201, "a\nb", "a\0b"])
def test_an_id_that_no_header_carries_is_refused(
    acme: Organization, told: list[UUID], now: datetime, external_id: str
) -> None:
    with pytest.raises(Invalid):
        register(acme, external_id, told, now=now)

    assert not EndCustomer.objects.exists()


def test_a_suspension_says_why_and_since_when(customer: EndCustomer, told: list[UUID], now: datetime) -> None:
    later = now + timedelta(hours=1)

    suspended = suspend_end_customer(customer, reason=" abuse ", publish=told.append, actor=ROBOT, now=later)
    again = suspend_end_customer(customer, reason="other", publish=told.append, actor=ROBOT, now=later)

    assert (suspended.status, suspended.suspended_at, suspended.suspended_for) == ("suspended", later, "abuse")
    assert again.suspended_for == "abuse"
    assert suspended.facts_version == customer.facts_version + 1
    assert told == [customer.pk, customer.pk]
    assert AuditEntry.objects.get(action="end_customer.suspended").data["suspended_for"] == "abuse"


@pytest.mark.parametrize("reason", ["", " ", "x" * 201, "a\0b"])
def test_without_a_reason_nobody_is_suspended(
    customer: EndCustomer, told: list[UUID], now: datetime, reason: str
) -> None:
    with pytest.raises(Invalid):
        suspend_end_customer(customer, reason=reason, publish=told.append, actor=ROBOT, now=now)


def test_a_restored_one_is_as_before(customer: EndCustomer, told: list[UUID], now: datetime) -> None:
    suspend_end_customer(customer, reason="abuse", publish=told.append, actor=ROBOT, now=now)

    restored = restore_end_customer(customer, publish=told.append, actor=ROBOT, now=now)
    restore_end_customer(customer, publish=told.append, actor=ROBOT, now=now)

    assert (restored.status, restored.suspended_at, restored.suspended_for) == ("active", None, "")
    assert len(told) == 3, "what changed nothing is not told"


def test_a_new_name_is_audited_with_the_old(customer: EndCustomer, told: list[UUID], now: datetime) -> None:
    renamed = rename_end_customer(customer, name="Two", publish=told.append, actor=ROBOT, now=now)

    assert renamed.name == "Two"
    assert AuditEntry.objects.get(action="end_customer.renamed").data == {"name": "Two", "before": "One"}


def test_who_may_not_does_not(
    customer: EndCustomer, eve: User, elsewhere: Organization, told: list[UUID], now: datetime
) -> None:
    actor = acting(eve)

    with pytest.raises(NotAllowed):
        register_end_customer(customer.organization, external_id="c", publish=told.append, actor=actor, now=now)
    with pytest.raises(NotAllowed):
        rename_end_customer(customer, name="x", publish=told.append, actor=actor, now=now)
    with pytest.raises(NotAllowed):
        suspend_end_customer(customer, reason="x", publish=told.append, actor=actor, now=now)
    with pytest.raises(NotAllowed):
        restore_end_customer(customer, publish=told.append, actor=actor, now=now)
