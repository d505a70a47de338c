"""A line's answer is stored, with what it used, before the line counts as done. Only the lease's holder writes."""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from batches.judge_answer import OK, Fate, Judged
from batches.lease import hold
from batches.line_usage import LineUsage, usage_of_receipt
from batches.models import Batch, BatchLine
from batches.send import Answer, NoAnswer, receipt_of

USAGE = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "amount")
State = BatchLine.State


@transaction.atomic
def claim(pk: UUID, lease: UUID, count: int) -> list[BatchLine]:
    """Mark the next lines as sent, in order, and answer them as they were before. Raises LeaseLost."""
    batch = hold(pk, lease)
    if batch.status != Batch.Status.IN_PROGRESS:
        return []
    lines = list(batch.lines.filter(state__in=BatchLine.TO_SEND).order_by("number")[:count])
    batch.lines.filter(pk__in=[line.pk for line in lines]).update(state=State.SENT)
    return lines


@transaction.atomic
def find_lost(pk: UUID, lease: UUID) -> int:
    """What is still `sent` when nobody sends was lost with its worker. Raises LeaseLost."""
    return hold(pk, lease).lines.filter(state=State.SENT).update(state=State.LOST)


@transaction.atomic
def put_back(line: BatchLine, lease: UUID, *, is_lost: bool, is_try: bool = False) -> None:
    """To be sent again. `is_lost`: it may have been charged already. Raises LeaseLost."""
    hold(line.batch_id, lease)
    line.state = State.LOST if is_lost or line.state == State.LOST else State.WAITING
    line.tries += is_try
    line.save(update_fields=["state", "tries"])


def store_answer(line: BatchLine, lease: UUID, answer: Answer, judged: Judged, *, now: datetime) -> None:
    """Raises LeaseLost."""
    usage = _charged(line) or judged.usage
    with transaction.atomic():
        hold(line.batch_id, lease)
        line.state = State.SUCCEEDED if judged.fate is Fate.SUCCEEDED else State.ERRORED
        line.status_code = answer.status
        line.request_id = answer.headers.get("x-request-id", "")[:40]
        line.response = _storable(answer.body)
        line.done_at = now
        _count(line, usage)
        line.save(update_fields=["state", "status_code", "request_id", "response", "done_at", *USAGE])


def end_unsent_lines(
    batch: Batch, lease: UUID, state: BatchLine.State, *, now: datetime, answer: Answer | None = None
) -> None:
    """Every line that is left to send ends as `state`, with `answer` as its error. Raises LeaseLost."""
    charged = {line: _charged(line) for line in batch.lines.filter(state=State.LOST)}
    told = {"status_code": answer.status, "response": _storable(answer.body)} if answer else {}
    with transaction.atomic():
        hold(batch.pk, lease)
        for line, usage in charged.items():
            if usage:
                _count(line, usage)
                line.save(update_fields=USAGE)
        batch.lines.filter(state__in=BatchLine.TO_SEND).update(state=state, done_at=now, **told)


def _charged(line: BatchLine) -> LineUsage | None:
    """What a line that was lost before was charged, once and for all tries; None where that is not known."""
    if line.state != State.LOST:
        return None
    try:
        receipt = receipt_of(line.batch, line)
    except NoAnswer:
        return None
    return usage_of_receipt(json.loads(receipt.body)) if receipt.status == OK else None


def _count(line: BatchLine, usage: LineUsage) -> None:
    counted: Mapping[str, int] = {name: getattr(usage, name) for name in USAGE}
    for name, value in counted.items():
        setattr(line, name, value)


def _storable(body: bytes) -> str:
    """JSON as it came; what is none becomes a JSON text, so that results are always JSON."""
    text = body.decode(errors="replace").replace("\0", "")
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return json.dumps(text)
    # A line of a results file has no line breaks inside.
    return json.dumps(json.loads(text), separators=(",", ":")) if "\n" in text or "\r" in text else text
