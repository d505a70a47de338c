"""What a caller does to a batch that stands: find it, cancel it, delete it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.after_commit import after_commit
from batches.files import Owner, id_in
from batches.models import Batch
from batches.refused import invalid, not_found
from batches.waking import wake

PREFIX = {Batch.Dialect.OPENAI: "batch_", Batch.Dialect.ANTHROPIC: "msgbatch_"}


def find_batch(owner: Owner, public_id: str, *, dialect: Batch.Dialect) -> Batch:
    """Raises CallRefused: another project's batch is as unknown as one that never was."""
    return _one_of(Batch.objects.all(), owner, public_id, dialect)


@transaction.atomic
def cancel_batch(owner: Owner, public_id: str, *, dialect: Batch.Dialect, now: datetime) -> Batch:
    """Nothing more is sent from now on; what is being answered is finished and charged. Raises CallRefused."""
    batch = _one_of(Batch.objects.select_for_update(), owner, public_id, dialect)
    if batch.status in (Batch.Status.CANCELLING, Batch.Status.CANCELLED):
        return batch
    if batch.status not in (Batch.Status.VALIDATING, Batch.Status.IN_PROGRESS):
        raise invalid(f"This batch is {batch.status}: it can't be cancelled any more.")
    batch.status, batch.cancelling_at, batch.not_before = Batch.Status.CANCELLING, now, None
    batch.save(update_fields=["status", "cancelling_at", "not_before"])
    after_commit(wake, batch.pk)
    return batch


@transaction.atomic
def delete_batch(owner: Owner, public_id: str, *, dialect: Batch.Dialect) -> Batch:
    """Raises CallRefused for one that has not ended."""
    batch = _one_of(Batch.objects.select_for_update(), owner, public_id, dialect)
    if batch.is_live:
        raise invalid("This batch has not ended: cancel it first.")
    Batch.objects.filter(pk=batch.pk).delete()
    return batch


def _one_of(batches: Any, owner: Owner, public_id: str, dialect: Batch.Dialect) -> Batch:
    pk = id_in(public_id, PREFIX[dialect])
    batch: Batch | None = batches.filter(project_id=owner.project, dialect=dialect, pk=pk).first() if pk else None
    if batch is None:
        raise not_found(f"No such batch: {public_id[:80]}.")
    return batch
