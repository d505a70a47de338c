import csv
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organization
from billing.accrue import accrue_all
from billing.credits import Kind as Credit
from billing.credits import grant_credit
from billing.ledger import Kind
from billing.models import LedgerEntry
from billing.revenue import BALANCES, FLOWS, months
from catalog.models import Model
from core.money import PICOS_PER_UNIT
from keys.models import ApiKey
from tests.actors import browser_of
from tests.billing.plans import COST, TOKENS
from tests.factories import ROBOT, make_staff, make_user, use

DOLLAR = PICOS_PER_UNIT
MAY, JUNE = timedelta(days=30), timedelta(days=60)


@pytest.fixture
def story(customer: Organization, key: ApiKey, spark: Model, now: datetime) -> None:
    """April: $10 bought. May: nothing. June: usage paid from it."""
    grant_credit(
        customer, kind=Credit.PAID, amount=10 * DOLLAR, reason="Top-up", operation_key="1", actor=ROBOT, now=now
    )
    use(key, spark, at=now + JUNE, counts=TOKENS)
    accrue_all(now=now + JUNE)


def test_credit_is_deferred_until_it_is_used(story: None) -> None:
    april, may, june = months()

    assert (april.begins, may.begins, june.begins) == (date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1))
    assert [month.recognized for month in (april, may, june)] == [0, 0, COST]
    deferred = [month.balances[Kind.CREDIT_HELD] for month in (april, may, june)]
    assert deferred == [10 * DOLLAR, 10 * DOLLAR, 10 * DOLLAR - COST]


def test_every_account_is_in_the_report(story: None) -> None:
    assert set(FLOWS) | set(BALANCES) == set(Kind)
    assert not set(FLOWS) & set(BALANCES)


def test_flows_and_balances_make_the_ledger(story: None) -> None:
    last = months()[-1]

    flows = sum(month.recognized for month in months())
    debits = sum(sign * last.balances[kind] for kind, (_, sign) in BALANCES.items())
    assert flows == debits
    assert sum(int(entry.amount) for entry in LedgerEntry.objects.all()) == 0


def test_no_postings_are_no_months(customer: Organization) -> None:
    assert months() == []


def test_staff_read_it_and_take_it_along(story: None) -> None:
    staff = browser_of(make_staff())

    page = staff.get(reverse("admin:billing_revenue"))
    rows = list(csv.reader(StringIO(staff.get(reverse("admin:billing_revenue_csv")).content.decode())))

    assert "2026-06" in page.content.decode()
    assert [row[0] for row in rows] == ["Month", "2026-04", "2026-05", "2026-06"]
    assert rows[3][rows[0].index("Usage")] == "2.555000000000"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["billing_revenue", "billing_revenue_csv"])
def test_nobody_else_does(name: str) -> None:
    support = make_user("support@tollway.example", is_staff=True)

    assert browser_of(support).get(reverse(f"admin:{name}")).status_code == 403
    assert Client().get(reverse(f"admin:{name}")).status_code == 302
