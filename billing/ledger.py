"""Double-entry postings: append-only, named by their business operation, summing to zero.

Picodollars; a debit is positive, a credit negative. The database checks the sum too, when the transaction commits.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Organization
from billing.models import LedgerAccount, LedgerEntry, LedgerTransaction
from core.errors import Conflict, Invalid

Kind = LedgerAccount.Kind
Entries = Mapping[Kind, int]

# Each organization has these of its own; the others are the house's.
OF_ORGANIZATION = frozenset({Kind.CREDIT_HELD, Kind.UNBILLED, Kind.RECEIVABLE, Kind.TAX})
CURRENCY = "USD"


class Unbalanced(Invalid):
    code = "unbalanced_posting"
    title = "The entries of a posting must sum to zero"


class OperationKeyReused(Conflict):
    code = "operation_key_reused"
    title = "This operation was posted before with other amounts"


@transaction.atomic
def post(
    operation_key: str,
    entries: Entries,
    *,
    kind: str,
    organization: Organization,
    description: str,
    effective_at: datetime,
    now: datetime,
) -> LedgerTransaction | None:
    """Post `entries` (picodollars by account kind) once; a repeat answers the existing transaction.

    Zero amounts are left out, and nothing but zeros is no posting: None. Raises Unbalanced, and OperationKeyReused
    where the key stands for other amounts.
    """
    entries = {account: amount for account, amount in entries.items() if amount}
    if sum(entries.values()):
        raise Unbalanced(f"{operation_key}: the entries sum to {sum(entries.values())} picodollars, not to zero.")
    posted = posted_as(operation_key)
    if posted is None and entries:
        header = LedgerTransaction(
            operation_key=operation_key,
            kind=kind,
            organization=organization,
            description=description,
            effective_at=effective_at,
            posted_at=now,
        )
        posted = _post_once(header, entries)
    if posted and amounts_of(posted) != entries:
        raise OperationKeyReused(f"{operation_key} was posted before with other amounts.")
    return posted


def posted_as(operation_key: str) -> LedgerTransaction | None:
    return LedgerTransaction.objects.filter(operation_key=operation_key).first()


def amounts_of(posted: LedgerTransaction) -> dict[Kind, int]:
    """Answer the posting's amounts by account kind, in picodollars."""
    return {Kind(kind): int(amount) for kind, amount in posted.entries.values_list("account__kind", "amount")}


def _post_once(header: LedgerTransaction, entries: Entries) -> LedgerTransaction:
    try:
        with transaction.atomic():
            header.save(force_insert=True)
    except IntegrityError:
        # Another transaction posted the same operation while this one was on its way.
        return LedgerTransaction.objects.get(operation_key=header.operation_key)
    assert header.organization is not None
    accounts = {kind: _account(header.organization, kind) for kind in entries}
    LedgerEntry.objects.bulk_create(
        LedgerEntry(transaction=header, account=accounts[kind], amount=amount) for kind, amount in entries.items()
    )
    return header


def _account(organization: Organization, kind: Kind) -> LedgerAccount:
    owner = organization if kind in OF_ORGANIZATION else None
    return LedgerAccount.objects.get_or_create(organization=owner, kind=kind, currency=CURRENCY)[0]
