"""The last step of a batch: its results become files, as OpenAI's API has them, and it ends."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from batches.content import KEPT_FOR, write_file
from batches.lease import hold
from batches.models import Batch, BatchLine, File

State = BatchLine.State
NOT_RUN = {
    State.CANCELED: ("batch_cancelled", "This request was not executed because the batch was cancelled."),
    State.EXPIRED: ("batch_expired", "This request could not be executed before the completion window expired."),
}


def finish_batch(pk: UUID, lease: UUID, *, now: datetime) -> Batch:
    """All lines have ended. The results are there when the status says so. Raises LeaseLost."""
    with transaction.atomic():
        batch = hold(pk, lease)
        batch.finalizing_at = batch.finalizing_at or now
        if batch.status == Batch.Status.IN_PROGRESS:
            batch.status = Batch.Status.FINALIZING
        batch.save(update_fields=["status", "finalizing_at"])
    return _end(pk, lease, now)


@transaction.atomic
def _end(pk: UUID, lease: UUID, now: datetime) -> Batch:
    batch = hold(pk, lease)
    if batch.dialect == Batch.Dialect.OPENAI:
        batch.output_file = _results(batch, batch.lines.filter(state=State.SUCCEEDED), "output", now)
        batch.error_file = _results(batch, batch.lines.exclude(state=State.SUCCEEDED), "error", now)
        batch.lines.update(body="", response="")
    else:
        batch.lines.update(body="")
    _set_ended(batch, now)
    batch.save()
    return batch


def _set_ended(batch: Batch, now: datetime) -> None:
    if batch.cancelling_at:
        batch.status, batch.cancelled_at = Batch.Status.CANCELLED, now
    elif batch.lines.filter(state=State.EXPIRED).exists():
        batch.status, batch.expired_at = Batch.Status.EXPIRED, now
    else:
        batch.status, batch.completed_at = Batch.Status.COMPLETED, now


def _results(batch: Batch, lines: "QuerySet[BatchLine]", kind: str, now: datetime) -> File | None:
    """A file with a line for each of `lines`; None for none."""
    if not lines.exists():
        return None
    file = File(
        organization_id=batch.organization_id,
        project_id=batch.project_id,
        purpose=File.Purpose.BATCH_OUTPUT,
        filename=f"{batch.public_id}_{kind}.jsonl",
        created_at=now,
        expires_at=now + KEPT_FOR,
    )
    return write_file(file, _shown(lines.order_by("number").iterator(chunk_size=100)))


def _shown(lines: Iterable[BatchLine]) -> Iterator[bytes]:
    for line in lines:
        yield (shown_line(line) + "\n").encode()


def shown_line(line: BatchLine) -> str:
    """The answer's JSON is put in as it came, so that no number changes on the way."""
    head = f'{{"id":"batch_req_{line.event.hex}","custom_id":{json.dumps(line.custom_id)}'
    if line.state in NOT_RUN:
        code, message = NOT_RUN[State(line.state)]
        return f'{head},"response":null,"error":{json.dumps({"code": code, "message": message})}}}'
    told = f'"status_code":{line.status_code},"request_id":{json.dumps(line.request_id)},"body":{line.response}'
    return f'{head},"response":{{{told}}},"error":null}}'
