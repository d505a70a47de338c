"""Sends a worker to a batch. One that is lost is sent again by the periodic job."""

from datetime import datetime
from uuid import UUID

from celery import current_app
from django.db.models import Q

from batches.models import Batch

TASK = "batches.tasks.advance_batch"
# Seconds. While no worker runs, the periodic job's messages must not pile up.
EXPIRES = 30


def wake(pk: UUID) -> None:
    current_app.send_task(TASK, args=[str(pk)], queue="batches", expires=EXPIRES)


def wake_live(*, at: datetime) -> None:
    """Send workers to the batches that nobody works on and that wait for nothing, the oldest first."""
    is_free = Q(leased_until=None) | Q(leased_until__lt=at)
    is_due = Q(not_before=None) | Q(not_before__lte=at) | Q(expires_at__lte=at)
    for pk in Batch.objects.live().filter(is_free, is_due).order_by("pk").values_list("pk", flat=True):
        wake(pk)
