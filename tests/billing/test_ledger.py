from datetime import datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Organization
from billing.ledger import Kind, OperationKeyReused, Unbalanced, amounts_of, post
from billing.models import LedgerAccount, LedgerEntry, LedgerTransaction


def posted(organization: Organization, entries: dict[Kind, int], now: datetime, *, key: str = "op") -> object:
    return post(key, entries, kind="test", organization=organization, description="", effective_at=now, now=now)


def test_a_posting_is_kept_once(acme: Organization, now: datetime) -> None:
    first = posted(acme, {Kind.CASH: 5, Kind.CREDIT_HELD: -5}, now)

    again = posted(acme, {Kind.CREDIT_HELD: -5, Kind.CASH: 5, Kind.TAX: 0}, now)

    assert first == again
    assert LedgerEntry.objects.count() == 2


def test_the_same_operation_with_other_amounts_is_refused(acme: Organization, now: datetime) -> None:
    posted(acme, {Kind.CASH: 5, Kind.CREDIT_HELD: -5}, now)

    with pytest.raises(OperationKeyReused):
        posted(acme, {Kind.CASH: 6, Kind.CREDIT_HELD: -6}, now)


def test_what_does_not_sum_to_zero_is_refused(acme: Organization, now: datetime) -> None:
    with pytest.raises(Unbalanced, match="sum to 1 picodollars"):
        posted(acme, {Kind.CASH: 5, Kind.CREDIT_HELD: -4}, now)

    assert not LedgerTransaction.objects.exists()


def test_nothing_is_no_posting(acme: Organization, now: datetime) -> None:
    assert posted(acme, {Kind.CASH: 0}, now) is None
    assert not LedgerTransaction.objects.exists()


def test_organizations_have_their_own_accounts_and_share_the_houses(
    acme: Organization, elsewhere: Organization, now: datetime
) -> None:
    posted(acme, {Kind.CASH: 5, Kind.CREDIT_HELD: -5}, now)
    posted(elsewhere, {Kind.CASH: 7, Kind.CREDIT_HELD: -7}, now, key="other")

    assert LedgerAccount.objects.get(kind=Kind.CASH).organization is None
    assert {account.organization for account in LedgerAccount.objects.filter(kind=Kind.CREDIT_HELD)} == {
        acme,
        elsewhere,
    }


def test_amounts_beyond_64_bits_are_exact(acme: Organization, now: datetime) -> None:
    huge = 10**37 + 1

    transaction_ = posted(acme, {Kind.CASH: huge, Kind.CREDIT_HELD: -huge}, now)

    assert isinstance(transaction_, LedgerTransaction)
    assert amounts_of(transaction_)[Kind.CASH] == huge


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_an_unbalanced_transaction(acme: Organization, now: datetime) -> None:
    with pytest.raises(IntegrityError, match="does not sum to zero"):
        _one_sided_posting(now)

    assert not LedgerEntry.objects.exists()


@transaction.atomic
def _one_sided_posting(now: datetime) -> None:
    header = LedgerTransaction.objects.create(operation_key="x", kind="x", effective_at=now, posted_at=now)
    account = LedgerAccount.objects.create(kind=Kind.CASH)
    LedgerEntry.objects.create(transaction=header, account=account, amount=1)


@pytest.mark.parametrize("table", ["billing_ledgerentry", "billing_ledgertransaction"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = id"])
def test_the_database_refuses_to_change_what_was_posted(
    acme: Organization, now: datetime, table: str, statement: str
) -> None:
    posted(acme, {Kind.CASH: 5, Kind.CREDIT_HELD: -5}, now)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
