from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Organization, User
from billing.check_books import check_books
from billing.invariants import RULES
from billing.models import Promise
from usage.models import Wallet

LATER = timedelta(hours=1)
SPENT = "What wallets have spent is the sum of the events"


@pytest.fixture
def false_books(customer: Organization) -> None:
    Wallet.objects.filter(organization_id=customer.pk).update(spent=1)


def broken(now: datetime) -> list[str]:
    return [promise.name for promise in check_books(now=now) if not promise.is_kept]


def test_books_that_hold_are_kept_as_holding(customer: Organization, now: datetime) -> None:
    assert broken(now) == []

    assert Promise.objects.filter(broken_since=None, checked_at=now).count() == len(RULES)
    assert mail.outbox == []


def test_what_breaks_is_mailed_once_to_superusers(false_books: None, now: datetime, sam: User, ada: User) -> None:
    User.objects.filter(pk=sam.pk).update(is_superuser=True)

    assert broken(now) == broken(now + LATER) == [SPENT]

    assert [message.to for message in mail.outbox] == [[sam.email]]
    assert "expected 0, found 1" in mail.outbox[0].body
    assert Promise.objects.get(name=SPENT).broken_since == now


def test_what_holds_again_says_so(false_books: None, customer: Organization, now: datetime) -> None:
    check_books(now=now)
    Wallet.objects.filter(organization_id=customer.pk).update(spent=0)

    assert broken(now + LATER) == []

    assert Promise.objects.get(name=SPENT).violations == []


def test_a_rule_that_is_no_more_is_forgotten(customer: Organization, now: datetime) -> None:
    Promise.objects.create(name="Old", checked_at=now, duration_ms=1, violations=["x"], broken_since=now)

    check_books(now=now)

    assert not Promise.objects.filter(name="Old").exists()


def test_the_check_sees_one_state_and_changes_nothing(customer: Organization, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM usage_wallet")
        before = cursor.fetchall()

    check_books(now=now)

    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM usage_wallet")
        assert cursor.fetchall() == before


def test_staff_see_it(false_books: None, now: datetime, client: Client, sam: User) -> None:
    User.objects.filter(pk=sam.pk).update(is_superuser=True, is_staff=True)
    check_books(now=now)
    client.force_login(User.objects.get(pk=sam.pk))

    page = client.get(reverse("admin:billing_promise_change", args=[SPENT])).content.decode()
    first = client.get(reverse("admin:index")).content.decode()

    assert "expected 0, found 1" in page
    assert "Broken promises of the books" in first
