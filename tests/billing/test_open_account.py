from datetime import datetime

import pytest
from django.test import override_settings
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks
from redis import Redis

from accounts.models import AuditEntry, Organization
from billing.models import BillingPeriod, CreditGrant, PlanVersion
from billing.open_account import open_account
from core.money import PICOS_PER_UNIT
from core.wire import decode_organization, organization_facts_at, wallet_at
from usage.models import Wallet


@override_settings(SIGNUP_CREDIT_CENTS=500)
def test_a_newcomer_has_a_wallet_with_welcome_credit_and_an_endless_period(
    acme: Organization, free: PlanVersion, now: datetime
) -> None:
    open_account(acme, now=now)

    period = BillingPeriod.objects.get(organization=acme)
    assert (period.index, period.start, period.end, period.subscription) == (1, acme.created_at, None, None)
    assert Wallet.objects.get(organization_id=acme.pk).available == 5 * PICOS_PER_UNIT
    assert CreditGrant.objects.get(organization=acme).remaining == 5 * PICOS_PER_UNIT
    assert AuditEntry.objects.filter(organization=acme, action="credit.granted", actor="sign-up").count() == 1


@override_settings(SIGNUP_CREDIT_CENTS=500)
def test_opening_again_changes_nothing(acme: Organization, free: PlanVersion, now: datetime) -> None:
    open_account(acme, now=now)
    before = Wallet.objects.values().get(organization_id=acme.pk)

    with override_settings(SIGNUP_CREDIT_CENTS=900):
        open_account(acme, now=now)

    assert Wallet.objects.values().get(organization_id=acme.pk) == before
    assert BillingPeriod.objects.filter(organization=acme).count() == 1


@override_settings(SIGNUP_CREDIT_CENTS=500)
def test_the_gateways_hear_of_limits_and_balance_after_the_commit(
    acme: Organization,
    free: PlanVersion,
    now: datetime,
    redis: "Redis",
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        open_account(acme, now=now)

    facts = decode_organization(str(redis.get(organization_facts_at(acme.pk))))
    wallet = Wallet.objects.get(organization_id=acme.pk)
    assert (facts.plan, facts.limits.requests_per_minute, facts.status) == ("free", 60, "active")
    assert redis.hgetall(wallet_at(acme.pk)) == {"version": str(wallet.version), "available": "5000000"}


def test_without_a_plan_nothing_but_the_wallet_limits(acme: Organization, now: datetime) -> None:
    account = open_account(acme, now=now)

    assert account.organization == acme
    assert not Wallet.objects.get(organization_id=acme.pk).available


@pytest.mark.parametrize("cents", [0, 1])
def test_the_welcome_credit_is_what_the_setting_says(acme: Organization, now: datetime, cents: int) -> None:
    with override_settings(SIGNUP_CREDIT_CENTS=cents):
        open_account(acme, now=now)

    assert CreditGrant.objects.filter(organization=acme).count() == cents
