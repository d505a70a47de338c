"""What gateways are told of end customers."""

from datetime import datetime

import pytest

from accounts.end_customers import register_end_customer
from accounts.models import EndCustomer, Organization
from accounts.suspend_end_customer import suspend_end_customer
from billing.allowance import publish_everything
from billing.end_customers import republish_end_customer
from billing.open_account import open_account
from core.wire import EndCustomerFacts, decode_end_customer, end_customer_facts_at
from notices.facts import read_organization, redis_client
from tests.billing.plans import make_plan
from tests.factories import ROBOT, make_organization

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(now: datetime) -> Organization:
    make_plan("free", now=now, is_default=True)
    organization = make_organization(now=now)
    open_account(organization, now=now)
    return organization


def register(organization: Organization, external_id: str, *, now: datetime) -> EndCustomer:
    return register_end_customer(
        organization, external_id=external_id, publish=republish_end_customer, actor=ROBOT, now=now
    )[0]


def told_of(customer: EndCustomer) -> EndCustomerFacts | None:
    found = redis_client().get(end_customer_facts_at(customer.organization_id, customer.external_id))
    assert found is None or isinstance(found, bytes)
    return decode_end_customer(found) if found else None


def has_some(organization: Organization) -> bool:
    facts = read_organization(str(organization.pk))
    assert facts is not None
    return facts.has_end_customers


def test_the_first_one_is_told_with_its_organization(shop: Organization, now: datetime) -> None:
    assert not has_some(shop)

    customer = register(shop, "c-1", now=now)

    assert told_of(customer) == EndCustomerFacts(version=1, id=str(customer.pk), name="", status="active")
    assert has_some(shop)


def test_a_suspension_is_told_under_a_new_version(shop: Organization, now: datetime) -> None:
    customer = register(shop, "c-1", now=now)

    suspend_end_customer(customer, reason="abuse", publish=republish_end_customer, actor=ROBOT, now=now)

    facts = told_of(customer)
    assert facts is not None
    assert (facts.status, facts.version) == ("suspended", 2)


def test_after_redis_was_emptied_all_are_told_again(shop: Organization, now: datetime) -> None:
    customer = register(shop, "c-1", now=now)
    redis_client().flushall()

    publish_everything()

    assert told_of(customer) is not None
    assert has_some(shop)


def test_what_a_process_did_not_come_to_tell_is_told_by_the_publisher(
    shop: Organization, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also that its organization has some: the version was raised with the row."""
    with monkeypatch.context() as dying:
        dying.setattr("accounts.after_commit.transaction.on_commit", lambda _run: None)
        customer = register(shop, "c-1", now=now)
    assert told_of(customer) is None

    publish_everything()

    assert told_of(customer) is not None
    assert has_some(shop)
