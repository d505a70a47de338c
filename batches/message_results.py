"""A batch's results as Anthropic's API has them: a line of JSON for each request."""

import json
from collections.abc import Iterator

from batches.models import Batch, BatchLine
from batches.refused import not_found

State = BatchLine.State


def results_of(batch: Batch) -> Iterator[bytes]:
    """Raises CallRefused where the batch has not ended."""
    if batch.is_live:
        raise not_found("This batch has no results yet: it has not ended.")
    return _shown(batch)


def _shown(batch: Batch) -> Iterator[bytes]:
    for line in batch.lines.order_by("number").iterator(chunk_size=100):
        yield f'{{"custom_id":{json.dumps(line.custom_id)},"result":{_result(line)}}}\n'.encode()


def _result(line: BatchLine) -> str:
    if line.state == State.SUCCEEDED:
        return f'{{"type":"succeeded","message":{line.response}}}'
    if line.state == State.ERRORED:
        return f'{{"type":"errored","error":{line.response}}}'
    return json.dumps({"type": line.state})
