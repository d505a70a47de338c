"""End customers as their list shows them: with what each has spent this month, in UTC."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from accounts.models import EndCustomer, Organization
from usage.queries.spending import spent_by_end_customer


@dataclass(frozen=True, slots=True)
class EndCustomerRow:
    """`spent` is in picodollars, up to the newest settled request."""

    customer: EndCustomer
    spent: int


def end_customer_rows(
    customers: Iterable[EndCustomer], *, organization: Organization, at: datetime
) -> Sequence[EndCustomerRow]:
    customers = list(customers)
    spent = spent_by_end_customer(organization.pk, [each.pk for each in customers], since=month_of(at))
    return [EndCustomerRow(each, spent.get(each.pk, 0)) for each in customers]


def month_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
