"""The first step of a batch: its file becomes lines, or it fails with the errors of the lines that are wrong."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.db import transaction

from batches.content import read_lines
from batches.line_rules import Line, LineError, read_line
from batches.models import Batch, BatchLine

MOST_ERRORS = 50
AT_ONCE = 500


@transaction.atomic
def validate_batch(pk: UUID, *, now: datetime) -> Batch:
    """Nothing is half done: a worker that dies here leaves the batch as it was."""
    batch = Batch.objects.select_for_update().select_related(None).get(pk=pk)
    if batch.status != Batch.Status.VALIDATING:
        return batch
    errors = list(islice(_errors_of(batch), MOST_ERRORS))
    if errors:
        return _fail(batch, errors, now)
    add_lines(batch, _lines_of(batch))
    batch.status, batch.in_progress_at = Batch.Status.IN_PROGRESS, now
    batch.save(update_fields=["status", "in_progress_at"])
    return batch


def add_lines(batch: Batch, lines: Iterable[Line]) -> None:
    rows = (BatchLine(batch=batch, number=line.number, custom_id=line.custom_id, body=line.body) for line in lines)
    while some := list(islice(rows, AT_ONCE)):
        BatchLine.objects.bulk_create(some)


def _fail(batch: Batch, errors: list[LineError], now: datetime) -> Batch:
    batch.status, batch.failed_at = Batch.Status.FAILED, now
    batch.errors = [error.shown() for error in errors]
    batch.save(update_fields=["status", "failed_at", "errors"])
    return batch


def _read(batch: Batch) -> Iterator[Line | LineError]:
    file = batch.input_file
    for number, raw in read_lines(file) if file else ():
        yield read_line(raw, number, endpoint=batch.endpoint)


def _lines_of(batch: Batch) -> Iterator[Line]:
    return (line for line in _read(batch) if isinstance(line, Line))


def _errors_of(batch: Batch) -> Iterator[LineError]:
    if batch.input_file is None:
        yield LineError("file_not_found", None, "The input file was deleted before it was read.", "input_file_id")
        return
    seen: dict[str, int] = {}
    is_empty = True
    for line in _read(batch):
        is_empty = False
        if isinstance(line, LineError):
            yield line
            continue
        if first := seen.get(line.custom_id):
            message = f"The custom_id of this line is that of line {first}."
            yield LineError("duplicate_custom_id", line.number, message, "custom_id")
        seen.setdefault(line.custom_id, line.number)
        if len(seen) > settings.BATCH_MAX_LINES:
            message = f"A batch has {settings.BATCH_MAX_LINES:,} requests at most."
            yield LineError("too_many_requests", line.number, message)
            return
    if is_empty:
        yield LineError("empty_file", None, "The input file has no line.", "input_file_id")
