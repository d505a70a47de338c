from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry, Organization, User
from billing.credits import GrantKeyReused, Kind, NoAccount, grant_credit, grant_paid_credit, grant_plan_credit
from billing.ledger import Kind as Account
from billing.models import CreditGrant, ExpiryNotice, LedgerEntry, PlanVersion, Subscription
from billing.spend_credit import expire_credit
from core.errors import Invalid, NotAllowed
from core.money import PICOS_PER_UNIT
from tests.actors import acting, acting_as_staff
from tests.billing.plans import MONTH_END
from tests.factories import ROBOT
from usage.models import Wallet

DOLLAR = PICOS_PER_UNIT


def grant(organization: Organization, now: datetime, **fields: Any) -> CreditGrant:
    defaults: dict[str, Any] = {
        "kind": Kind.PROMOTIONAL,
        "amount": DOLLAR,
        "reason": "Sorry",
        "operation_key": "op",
        "actor": ROBOT,
    }
    return grant_credit(organization, now=now, **(defaults | fields))


def available(organization: Organization) -> int:
    return Wallet.objects.get(organization_id=organization.pk).available


def entries() -> dict[str, int]:
    return {kind: int(amount) for kind, amount in LedgerEntry.objects.values_list("account__kind", "amount")}


@pytest.mark.parametrize(
    ("kind", "source"),
    [(Kind.PAID, Account.CASH), (Kind.PROMOTIONAL, Account.PROMOTIONS), (Kind.PLAN, Account.PLAN_CREDIT)],
)
def test_a_grant_moves_wallet_and_ledger_at_once(
    customer: Organization, now: datetime, kind: Kind, source: Account
) -> None:
    version = Wallet.objects.get(organization_id=customer.pk).version

    grant(customer, now, kind=kind)

    assert entries() == {source: DOLLAR, Account.CREDIT_HELD: -DOLLAR}
    assert available(customer) == DOLLAR
    assert Wallet.objects.get(organization_id=customer.pk).version == version + 1


def test_staff_grants_are_on_the_audit_trail_with_their_reason(
    customer: Organization, sam: User, now: datetime
) -> None:
    granted = grant(customer, now, actor=acting_as_staff(sam), reason="  For the outage  ")

    entry = AuditEntry.objects.get(action="credit.granted")
    assert (entry.user, entry.organization, entry.object_id) == (sam, customer, str(granted.pk))
    assert (entry.data["reason"], entry.data["amount_picos"]) == ("For the outage", DOLLAR)
    assert granted.created_by == sam


def test_granting_again_answers_the_grant_that_stands(customer: Organization, now: datetime) -> None:
    first = grant(customer, now)

    again = grant(customer, now + timedelta(days=1))

    assert again == first
    assert available(customer) == DOLLAR


@pytest.mark.parametrize("other", [{"amount": 2 * DOLLAR}, {"kind": Kind.PAID}])
def test_one_operation_cannot_grant_two_credits(customer: Organization, now: datetime, other: dict[str, Any]) -> None:
    grant(customer, now)

    with pytest.raises(GrantKeyReused):
        grant(customer, now, **other)


def test_members_do_not_grant_themselves_credit(customer: Organization, ada: User, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        grant(customer, now, actor=acting(ada))

    assert not CreditGrant.objects.exists()


@pytest.mark.parametrize("wrong", [{"amount": 0}, {"amount": -1}, {"amount": 10**20}, {"reason": "  "}])
def test_nonsense_is_refused_and_nothing_written(customer: Organization, now: datetime, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        grant(customer, now, **wrong)

    assert not CreditGrant.objects.exists()
    assert available(customer) == 0


def test_plan_credit_is_granted_once_a_period(subscription: Subscription, now: datetime) -> None:
    first = grant_plan_credit(subscription, start=now, end=MONTH_END, actor=ROBOT, now=now)

    again = grant_plan_credit(subscription, start=now, end=MONTH_END, actor=ROBOT, now=now)

    assert first == again
    assert first is not None
    assert (int(first.amount), first.expires_at) == (25 * DOLLAR, MONTH_END)


def test_a_plan_without_credit_grants_none(subscription: Subscription, free: PlanVersion, now: datetime) -> None:
    subscription.plan_version = free

    assert grant_plan_credit(subscription, start=now, end=MONTH_END, actor=ROBOT, now=now) is None


def announce(granted: CreditGrant, now: datetime) -> None:
    ExpiryNotice.objects.bulk_create(ExpiryNotice(grant=granted, days_before=days, sent_at=now) for days in (30, 7, 1))


def test_bought_credit_does_not_expire(customer: Organization, now: datetime) -> None:
    granted = grant_paid_credit(customer, cents=50_00, operation_key="checkout:1", actor=ROBOT, now=now)

    assert (int(granted.amount), granted.kind, granted.expires_at) == (50 * DOLLAR, "paid", None)


@pytest.mark.parametrize(
    ("kind", "sink"),
    [(Kind.PAID, Account.BREAKAGE), (Kind.PROMOTIONAL, Account.PROMOTIONS), (Kind.PLAN, Account.PLAN_CREDIT)],
)
def test_what_expires_leaves_wallet_and_ledger(
    customer: Organization, now: datetime, kind: Kind, sink: Account
) -> None:
    granted = grant(customer, now, kind=kind, expires_at=MONTH_END)
    announce(granted, now)

    lost = expire_credit(customer, at=MONTH_END, now=MONTH_END)

    held = LedgerEntry.objects.filter(account__kind=Account.CREDIT_HELD).values_list("amount", flat=True)
    assert lost == DOLLAR
    assert sum(held) == 0
    assert LedgerEntry.objects.filter(account__kind=sink, amount=-DOLLAR).exists()
    assert available(customer) == 0


def test_credit_expires_once_and_not_before_its_time(customer: Organization, now: datetime) -> None:
    grant(customer, now, expires_at=MONTH_END)
    grant(customer, now, operation_key="endless")

    early = expire_credit(customer, at=MONTH_END - timedelta(seconds=1), now=now)
    due = expire_credit(customer, at=MONTH_END, now=now)
    again = expire_credit(customer, at=MONTH_END, now=now)

    assert (early, due, again) == (0, DOLLAR, 0)
    assert available(customer) == DOLLAR


@pytest.mark.parametrize("wrong", [{"remaining": -1}, {"remaining": DOLLAR + 1}, {"expired": 1}, {"amount": 0}])
def test_the_database_refuses_impossible_grants(customer: Organization, now: datetime, wrong: dict[str, int]) -> None:
    granted = grant(customer, now)

    with pytest.raises(IntegrityError), transaction.atomic():
        CreditGrant.objects.filter(pk=granted.pk).update(**wrong)


def test_credit_before_the_account_is_opened_is_refused(acme: Organization, now: datetime) -> None:
    with pytest.raises(NoAccount, match="Acme has no account yet"):
        grant(acme, now)

    assert not CreditGrant.objects.exists()
