from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import override_settings

from accounts.models import Membership, Organization, Role, User
from billing.credits import Kind, grant_credit
from billing.expire import expire_what_is_due
from billing.expiry_notices import send_expiry_notices
from billing.invariants import RULES
from billing.models import CreditGrant, ExpiryNotice
from catalog.models import Model
from core.money import PICOS_PER_UNIT
from keys.models import ApiKey
from tests.billing.plans import COST, TOKENS
from tests.factories import ROBOT, use

DOLLAR = PICOS_PER_UNIT
DAY = timedelta(days=1)


@pytest.fixture
def paid(customer: Organization, now: datetime) -> CreditGrant:
    return granted(customer, now, kind=Kind.PAID, expires_at=now + 100 * DAY)


def granted(organization: Organization, now: datetime, **fields: Any) -> CreditGrant:
    terms: dict[str, Any] = {"amount": 10 * DOLLAR, "reason": "Purchase", "operation_key": "op", "actor": ROBOT}
    return grant_credit(organization, now=now, **(terms | fields))


def test_owners_hear_of_it_four_times(paid: CreditGrant, ada: User, now: datetime) -> None:
    for day in range(101):
        send_expiry_notices(now=now + day * DAY)

    assert list(ExpiryNotice.objects.order_by("sent_at").values_list("days_before", flat=True)) == [90, 30, 7, 1]
    assert [message.to for message in mail.outbox] == [[ada.email]] * 4
    assert "$10.00 of credit that expires on 17 July 2026" in mail.outbox[0].body


def test_finance_hears_of_it_and_developers_do_not(paid: CreditGrant, ben: User, eve: User, now: datetime) -> None:
    for person, role in ((ben, Role.DEVELOPER), (eve, Role.FINANCE)):
        Membership.objects.update_or_create(
            organization=paid.organization, user=person, defaults={"role": role, "created_at": now}
        )

    send_expiry_notices(now=now + 99 * DAY)

    addresses = {message.to[0] for message in mail.outbox}
    assert eve.email in addresses
    assert ben.email not in addresses


def test_sending_again_sends_nothing(paid: CreditGrant, now: datetime) -> None:
    send_expiry_notices(now=now + 20 * DAY)

    assert send_expiry_notices(now=now + 21 * DAY) == 0


def test_paid_credit_is_lost_after_its_notices(paid: CreditGrant, now: datetime) -> None:
    for day in (10, 70, 93, 99):
        send_expiry_notices(now=now + day * DAY)

    early, due, again = (expire_what_is_due(now=now + day * DAY) for day in (99, 100, 101))

    assert (early, due, again) == (0, 1, 0)
    assert [rule.name for rule in RULES if list(rule.violations())] == []


@override_settings(EMAIL_BACKEND="tests.billing.test_expiry.NoMail")
def test_mail_that_fails_is_no_notice(paid: CreditGrant, now: datetime) -> None:
    sent = send_expiry_notices(now=now + 99 * DAY)

    assert sent == 0
    assert not ExpiryNotice.objects.exists()


def test_paid_credit_stays_while_notices_are_missing(paid: CreditGrant, now: datetime) -> None:
    late = now + 100 * DAY

    assert expire_what_is_due(now=late) == 0
    for days in (0, 1, 7, 14):
        send_expiry_notices(now=late + days * DAY)

    assert ExpiryNotice.objects.count() == 3
    assert expire_what_is_due(now=late + 14 * DAY) == 0
    assert expire_what_is_due(now=late + 15 * DAY) == 1


def test_given_credit_is_lost_on_its_day(customer: Organization, now: datetime) -> None:
    granted(customer, now, kind=Kind.PROMOTIONAL, expires_at=now + DAY)

    assert expire_what_is_due(now=now + DAY) == 1


def test_usage_up_to_then_is_paid_first(customer: Organization, key: ApiKey, spark: Model, now: datetime) -> None:
    credit = granted(customer, now, kind=Kind.PROMOTIONAL, expires_at=now + DAY)
    use(key, spark, at=now, counts=TOKENS)

    expire_what_is_due(now=now + DAY)

    credit.refresh_from_db()
    assert credit.expired == 10 * DOLLAR - COST


def test_a_plans_credit_waits_for_its_close(customer: Organization, now: datetime) -> None:
    granted(customer, now, kind=Kind.PLAN, expires_at=now + DAY)

    assert expire_what_is_due(now=now + 2 * DAY) == 0
    assert expire_what_is_due(now=now + 3 * DAY) == 1


class NoMail:
    def __init__(self, **_options: object) -> None: ...

    def send_messages(self, _messages: object) -> int:
        raise ConnectionRefusedError("no mail server")
