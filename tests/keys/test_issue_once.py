"""The same request twice at once makes one key."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection

from accounts.models import Organization
from core.errors import Invalid
from keys.issue import IssuedKey
from keys.issue_once import Caller, forget_issues, issue_once
from keys.models import ApiKey, IdempotentIssue
from tests.factories import make_key


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_one_key(acme: Organization) -> None:
    now = acme.created_at
    admin = make_key(acme, now=now, kind="admin")

    def issue(_: int) -> str:
        try:
            caller = Caller(admin.key, admin.text)
            return issue_once(caller, "one", {}, issue=lambda: make_key(acme, now=now, name="CI"), now=now).text
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        texts = set(pool.map(issue, range(4)))

    assert len(texts) == 1
    assert ApiKey.objects.filter(name="CI").count() == 1


def test_it_is_forgotten_and_its_key_stays(acme: Organization, now: datetime) -> None:
    admin = make_key(acme, now=now, kind="admin")
    issue_once(Caller(admin.key, admin.text), "one", {}, issue=lambda: made(acme, now), now=now)

    assert forget_issues(before=now) == 0
    assert forget_issues(before=now + timedelta(seconds=1)) == 1
    assert not IdempotentIssue.objects.exists()
    assert ApiKey.objects.filter(name="CI").exists()


def test_a_name_is_not_endless(acme: Organization, now: datetime) -> None:
    admin = make_key(acme, now=now, kind="admin")

    with pytest.raises(Invalid):
        issue_once(Caller(admin.key, admin.text), "x" * 256, {}, issue=lambda: made(acme, now), now=now)


def made(organization: Organization, now: datetime) -> IssuedKey:
    return make_key(organization, now=now, name="CI")
