"""The wallet: credit, spending and limit of an organization. This file alone moves `credit` and `credit_limit`.

`settle()` alone moves `spent`. Every move raises the version by one and publishes the new state after the commit.
"""

from uuid import UUID

from django.db import transaction

from accounts.after_commit import after_commit
from billing.allowance import publish_wallet
from usage.models import Wallet


def open_wallet(organization_id: UUID) -> Wallet:
    """Answer the organization's wallet, made empty where there is none yet (settlement may have been first)."""
    return Wallet.objects.get_or_create(organization_id=organization_id)[0]


def lock_wallet(organization_id: UUID) -> Wallet:
    """Take the row lock that orders everything that happens to an organization's money; settlement waits for it.

    Call it in a transaction, before locking any period, invoice or grant. Raises Wallet.DoesNotExist.
    """
    return Wallet.objects.select_for_update(no_key=True).get(organization_id=organization_id)


@transaction.atomic
def watermark(organization_id: UUID) -> int:
    """Answer the version up to which every usage event is stored and visible, now and for ever.

    The lock is held for this one reading: an event with a version up to it has been committed, and a later one gets a
    higher version, so that what is counted up to it can be counted without keeping settlement waiting.
    """
    return lock_wallet(organization_id).version


@transaction.atomic
def add_credit(organization_id: UUID, picos: int) -> Wallet:
    """Raise what may be spent by `picos`; a negative amount takes back. Answers the new state."""
    wallet = lock_wallet(organization_id)
    wallet.credit += picos
    return _moved(wallet) if picos else wallet


@transaction.atomic
def set_limit(organization_id: UUID, picos: int) -> Wallet:
    """Allow `picos` to be spent beyond credit. Answers the new state; the same limit again changes nothing."""
    wallet = lock_wallet(organization_id)
    if wallet.credit_limit == picos:
        return wallet
    wallet.credit_limit = picos
    return _moved(wallet)


def _moved(wallet: Wallet) -> Wallet:
    wallet.version += 1
    wallet.save(update_fields=["version", "credit", "credit_limit"])
    after_commit(publish_wallet, wallet.organization_id)
    return wallet
