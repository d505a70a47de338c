"""Batches whose requests are in the call, as Anthropic's API has them."""

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils import timezone

from batches.cancel import cancel_batch, delete_batch, find_batch
from batches.figures import Figures, figures_of
from batches.files import Owner, id_in
from batches.make_message_batch import make_message_batch
from batches.message_results import results_of
from batches.models import Batch, BatchLine
from batches.refused import invalid
from portal.batch_api.passed import json_body, whole_number

MOST_LISTED, LISTED = 1000, 20
ANTHROPIC = Batch.Dialect.ANTHROPIC
PREFIX = "msgbatch_"
State = BatchLine.State
ENDED_STATES = (State.SUCCEEDED, State.ERRORED, State.CANCELED, State.EXPIRED)


def create(request: HttpRequest, owner: Owner) -> HttpResponse:
    body = json_body(request, most=settings.FILE_MAX_BYTES)
    version = request.headers.get("Anthropic-Version", "")
    return _one(make_message_batch(owner, body.get("requests"), version=version, now=timezone.now()))


def listed(request: HttpRequest, owner: Owner) -> HttpResponse:
    """Newest first. `after_id` turns to the older ones, `before_id` back to the newer."""
    limit = whole_number(request, "limit", default=LISTED, most=MOST_LISTED)
    after, before = (_cursor(request, name) for name in ("after_id", "before_id"))
    batches = Batch.objects.of(owner.project, ANTHROPIC)
    if before is not None:
        found = list(batches.filter(pk__gt=before).order_by("pk")[: limit + 1])
        page = found[:limit][::-1]
    else:
        older = batches.filter(pk__lt=after) if after is not None else batches
        found = list(older.order_by("-pk")[: limit + 1])
        page = found[:limit]
    figures = figures_of(*page)
    data = [shown(batch, figures[batch]) for batch in page]
    first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return JsonResponse({"data": data, "has_more": len(found) > limit, "first_id": first, "last_id": last})


def retrieve(_request: HttpRequest, owner: Owner, *, batch_id: str) -> HttpResponse:
    return _one(find_batch(owner, batch_id, dialect=ANTHROPIC))


def cancel(_request: HttpRequest, owner: Owner, *, batch_id: str) -> HttpResponse:
    return _one(cancel_batch(owner, batch_id, dialect=ANTHROPIC, now=timezone.now()))


def results(_request: HttpRequest, owner: Owner, *, batch_id: str) -> StreamingHttpResponse:
    lines = results_of(find_batch(owner, batch_id, dialect=ANTHROPIC))
    return StreamingHttpResponse(lines, content_type="application/x-jsonl")


def delete(_request: HttpRequest, owner: Owner, *, batch_id: str) -> HttpResponse:
    batch = delete_batch(owner, batch_id, dialect=ANTHROPIC)
    return JsonResponse({"id": batch.public_id, "type": "message_batch_deleted"})


def shown(batch: Batch, figures: Figures) -> dict[str, object]:
    """Counts stay `processing` until the whole batch has ended."""
    has_ended = not batch.is_live
    counts: dict[str, int] = {state.value: figures.lines.get(state, 0) if has_ended else 0 for state in ENDED_STATES}
    return {
        "id": batch.public_id,
        "type": "message_batch",
        "processing_status": _status(batch),
        "request_counts": {"processing": figures.total - sum(counts.values()), **counts},
        "created_at": _instant(batch.created_at),
        "expires_at": _instant(batch.expires_at),
        "ended_at": _instant(batch.ended_at),
        "cancel_initiated_at": _instant(batch.cancelling_at),
        "archived_at": None,
        "results_url": f"{settings.GATEWAY_URL}/v1/messages/batches/{batch.public_id}/results" if has_ended else None,
    }


def _one(batch: Batch) -> HttpResponse:
    return JsonResponse(shown(batch, figures_of(batch)[batch]))


def _status(batch: Batch) -> str:
    if not batch.is_live:
        return "ended"
    return "canceling" if batch.cancelling_at else "in_progress"


def _cursor(request: HttpRequest, name: str) -> object:
    text = request.GET.get(name)
    if not text:
        return None
    pk = id_in(text, PREFIX)
    if pk is None:
        raise invalid(f"'{name}' is no id that begins with {PREFIX}.", name)
    return pk


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
