"""A worker's turn at a batch: validate it, send its lines for a while, or write its results.

A turn is short, so that many batches share few workers. Whoever is killed in it loses nothing but time: what was
done is in the database, and the periodic job sends another worker when the lease is over.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from batches.finish import finish_batch
from batches.lease import LeaseLost, give_back, renew_lease, take_lease
from batches.models import Batch, BatchLine
from batches.sending import Sending
from batches.store_answer import end_unsent_lines, find_lost
from batches.validate import validate_batch

TURN_SECONDS = 15.0
RENEW_SECONDS = 1.0
Status = Batch.Status


def advance_batch(pk: UUID) -> bool:
    """Answer whether there is more to do at once."""
    if not settings.BATCH_SIGNING_KEY:
        return False
    lease = take_lease(pk, now=timezone.now())
    if lease is None:
        return False
    try:
        return _advance(pk, lease)
    except LeaseLost:
        return False
    finally:
        give_back(pk, lease)


def _advance(pk: UUID, lease: UUID) -> bool:
    batch = renew_lease(pk, lease, now=timezone.now())
    if batch.status == Status.VALIDATING:
        batch = validate_batch(pk, now=timezone.now())
    find_lost(pk, lease)
    if batch.status == Status.IN_PROGRESS:
        batch = _send_for_a_while(batch, lease)
    ending = _ending_of(batch)
    if ending is not None:
        end_unsent_lines(batch, lease, ending, now=timezone.now())
    if batch.is_live and not batch.lines.filter(state__in=BatchLine.OPEN).exists():
        finish_batch(pk, lease, now=timezone.now())
        return False
    return batch.is_live and batch.not_before is None


def _ending_of(batch: Batch) -> BatchLine.State | None:
    """How the lines that are left end, where no more are sent."""
    if batch.status == Status.CANCELLING:
        return BatchLine.State.CANCELED
    is_over = batch.status == Status.IN_PROGRESS and batch.expires_at <= timezone.now()
    return BatchLine.State.EXPIRED if is_over else None


def _send_for_a_while(batch: Batch, lease: UUID) -> Batch:
    until = time.monotonic() + TURN_SECONDS
    renewed = time.monotonic()
    with Sending(batch, lease) as sending:
        while sending.step(may_send=_may_send(batch, until)):
            if time.monotonic() - renewed > RENEW_SECONDS:
                batch = renew_lease(batch.pk, lease, now=timezone.now())
                renewed = time.monotonic()
    wait = sending.pace.not_before - time.monotonic()
    not_before = timezone.now() + timedelta(seconds=wait) if wait > 0 else None
    Batch.objects.filter(pk=batch.pk, lease=lease).update(not_before=not_before)
    return renew_lease(batch.pk, lease, now=timezone.now())


def _may_send(batch: Batch, until: float) -> Callable[[], bool]:
    def may_send() -> bool:
        is_open = batch.status == Status.IN_PROGRESS and timezone.now() < batch.expires_at
        return is_open and time.monotonic() < until

    return may_send
