"""A key that was found in public is stopped by whoever holds it."""

from datetime import datetime

import pytest
from django.core import mail

from accounts.models import AuditEntry, Organization, User
from core.tokens import Environment, new_token, parse_token
from keys.disable import disable_key, enable_key
from keys.leak_mail import mail_what_is_left
from keys.models import ApiKey, LeakReport
from keys.report_leak import report_leak
from tests.factories import ROBOT, make_key
from tests.forged_keys import forged

PUBLIC = LeakReport.Source.PUBLIC


@pytest.mark.parametrize(("policy", "status"), [("revoke", "revoked"), ("disable", "disabled")])
def test_it_is_stopped_as_its_organization_asks_for(
    acme: Organization, now: datetime, policy: str, status: str
) -> None:
    Organization.objects.update(leaked_keys=policy)
    issued = make_key(acme, now=now)

    report = report_leak(
        f" {issued.text}\n", source=PUBLIC, url="https://paste.example/1", now=now, address="203.0.113.7"
    )

    issued.key.refresh_from_db()
    assert report is not None
    assert (issued.key.status, report.outcome) == (status, status)
    entry = AuditEntry.objects.get(action="key.leak_reported")
    assert (entry.organization, entry.ip_address, entry.data["url"]) == (acme, "203.0.113.7", "https://paste.example/1")
    assert issued.text not in str(list(AuditEntry.objects.values())) + str(list(LeakReport.objects.values()))


def test_what_is_no_key_of_ours_stops_nothing(acme: Organization, now: datetime) -> None:
    issued = make_key(acme, now=now)

    for text in (issued.key.prefix, new_token("tw", Environment.LIVE).text, "", issued.text[:-1]):
        assert report_leak(text, source=PUBLIC, now=now) is None

    assert ApiKey.objects.get().status == "active"


def test_the_secret_is_needed_not_only_the_id(acme: Organization, now: datetime) -> None:
    issued = make_key(acme, now=now)
    token = parse_token(issued.text, brand="tw")
    assert token is not None

    assert report_leak(forged(token, "0" * 32).text, source=PUBLIC, now=now) is None


def test_a_second_report_is_the_first_one(acme: Organization, now: datetime) -> None:
    issued = make_key(acme, now=now)

    first, second = (report_leak(issued.text, source=PUBLIC, now=now) for _ in range(2))

    assert first == second
    assert LeakReport.objects.count() == 1


def test_a_key_that_was_enabled_again_is_stopped_again(acme: Organization, now: datetime) -> None:
    Organization.objects.update(leaked_keys="disable")
    issued = make_key(acme, now=now)
    report_leak(issued.text, source=PUBLIC, now=now)
    enable_key(issued.key, actor=ROBOT, now=now)

    report_leak(issued.text, source=PUBLIC, now=now)

    issued.key.refresh_from_db()
    assert (issued.key.status, LeakReport.objects.count()) == ("disabled", 2)


def test_a_key_out_of_use_is_reported_all_the_same(acme: Organization, now: datetime) -> None:
    issued = make_key(acme, now=now)
    disable_key(issued.key, actor=ROBOT, now=now)

    report = report_leak(issued.text, source=PUBLIC, now=now)

    assert report is not None
    assert report.outcome == "stopped_before"


def test_owners_are_mailed_once_without_the_secret(acme: Organization, ada: User, ben: User, now: datetime) -> None:
    issued = make_key(acme, now=now)
    report_leak(issued.text, source=PUBLIC, url="https://paste.example/1", now=now)

    assert mail_what_is_left(now=now) == 1
    assert mail_what_is_left(now=now) == 0

    (sent,) = mail.outbox
    assert sent.to == [ada.email]
    assert "Acme" in sent.subject
    assert "revoked" in sent.body
    assert "https://paste.example/1" in sent.body
    assert issued.key.prefix in sent.body
    assert issued.text not in sent.body
