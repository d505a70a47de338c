"""Who works on a batch: one worker at a time. A worker that was killed loses its lease by the clock."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import Q

from batches.models import Batch


class LeaseLost(Exception):
    """Another worker has taken over: what this one still knows must not be written."""


def take_lease(pk: UUID, *, now: datetime) -> UUID | None:
    """Answer the lease; None where another worker has it, or where there is nothing to do yet."""
    lease = uuid4()
    is_free = Q(leased_until=None) | Q(leased_until__lt=now)
    is_due = Q(not_before=None) | Q(not_before__lte=now) | Q(expires_at__lte=now)
    taken = Batch.objects.live().filter(is_free, is_due, pk=pk).update(lease=lease, leased_until=_until(now))
    return lease if taken else None


def renew_lease(pk: UUID, lease: UUID, *, now: datetime) -> Batch:
    """Answer the batch as it stands now. Raises LeaseLost."""
    if not Batch.objects.filter(pk=pk, lease=lease).update(leased_until=_until(now)):
        raise LeaseLost
    return Batch.objects.get(pk=pk)


def give_back(pk: UUID, lease: UUID) -> None:
    Batch.objects.filter(pk=pk, lease=lease).update(lease=None, leased_until=None)


def hold(pk: UUID, lease: UUID) -> Batch:
    """Lock the batch for this transaction. Raises LeaseLost."""
    batch = Batch.objects.select_for_update(no_key=True).filter(pk=pk, lease=lease).first()
    if batch is None:
        raise LeaseLost
    return batch


def _until(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.BATCH_LEASE_SECONDS)
