"""What gateways know of end customers: each one's state, under its organization and its own id."""

from collections.abc import Iterator
from uuid import UUID

from accounts.models import EndCustomer
from core.wire import EndCustomerFacts, end_customer_facts_at
from notices.facts import publish_facts


def end_customer_facts(customer: EndCustomer) -> EndCustomerFacts:
    return EndCustomerFacts(
        version=customer.facts_version, id=str(customer.pk), name=customer.name, status=customer.status
    )


def publish_end_customer(pk: UUID) -> None:
    """Publish one as the database has it now. Raises `redis.RedisError`."""
    _publish(EndCustomer.objects.get(pk=pk))


def publish_end_customers_of(organization_id: UUID) -> Iterator[bool]:
    """Publish an organization's, and tell which were behind. Raises `redis.RedisError`."""
    yield from map(_publish, EndCustomer.objects.filter(organization_id=organization_id).order_by("pk").iterator())


def publish_each_end_customer() -> Iterator[bool]:
    """Publish them all, and tell which were behind. Raises `redis.RedisError`."""
    yield from map(_publish, EndCustomer.objects.order_by("pk").iterator())


def _publish(customer: EndCustomer) -> bool:
    place = end_customer_facts_at(customer.organization_id, customer.external_id)
    return publish_facts(place, end_customer_facts(customer))
