"""Batches of a file's requests, as OpenAI's API has them."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from batches.cancel import cancel_batch, find_batch
from batches.figures import Figures, figures_of
from batches.files import Owner
from batches.make_batch import Asked, make_batch
from batches.models import Batch
from portal.batch_api.pages import page_of
from portal.batch_api.passed import json_body, whole_number

MOST_LISTED, LISTED = 100, 20
LARGEST_BODY = 64 * 1024
OPENAI = Batch.Dialect.OPENAI
INSTANTS = ("in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled")


def create(request: HttpRequest, owner: Owner) -> HttpResponse:
    body = json_body(request, most=LARGEST_BODY)
    asked = Asked(
        body.get("input_file_id"),
        body.get("endpoint"),
        body.get("completion_window"),
        body.get("metadata"),
        is_retry=request.headers.get("X-Stainless-Retry-Count", "0") not in ("", "0"),
    )
    return _one(make_batch(owner, asked, now=timezone.now()))


def listed(request: HttpRequest, owner: Owner) -> HttpResponse:
    batches = Batch.objects.of(owner.project, OPENAI).select_related("output_file", "error_file")
    limit = whole_number(request, "limit", default=LISTED, most=MOST_LISTED)
    return JsonResponse(
        page_of(batches, request, "batch_", limit=limit, shown=lambda batch: shown(batch, figures_of(batch)[batch]))
    )


def retrieve(_request: HttpRequest, owner: Owner, *, batch_id: str) -> HttpResponse:
    return _one(find_batch(owner, batch_id, dialect=OPENAI))


def cancel(_request: HttpRequest, owner: Owner, *, batch_id: str) -> HttpResponse:
    return _one(cancel_batch(owner, batch_id, dialect=OPENAI, now=timezone.now()))


def shown(batch: Batch, figures: Figures) -> dict[str, object]:
    return {
        "id": batch.public_id,
        "object": "batch",
        "endpoint": batch.endpoint,
        "errors": {"object": "list", "data": batch.errors} if batch.errors else None,
        "input_file_id": batch.input_file_public_id,
        "completion_window": "24h",
        "status": batch.status,
        "output_file_id": batch.output_file and batch.output_file.public_id,
        "error_file_id": batch.error_file and batch.error_file.public_id,
        "created_at": _seconds(batch.created_at),
        "expires_at": _seconds(batch.expires_at),
        **{f"{name}_at": _seconds(getattr(batch, f"{name}_at")) for name in INSTANTS},
        "request_counts": {
            "total": figures.total,
            "completed": figures.succeeded,
            "failed": figures.total - figures.succeeded - figures.open,
        },
        "usage": _usage(figures),
        "metadata": batch.metadata,
    }


def _one(batch: Batch) -> HttpResponse:
    return JsonResponse(shown(batch, figures_of(batch)[batch]))


def _usage(figures: Figures) -> dict[str, object]:
    usage = figures.usage
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }


def _seconds(instant: datetime | None) -> int | None:
    return None if instant is None else int(instant.timestamp())
