"""A batch whose requests are in the call itself, as Anthropic's API makes it."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.after_commit import after_commit
from batches.files import Owner
from batches.line_rules import Line
from batches.make_batch import WINDOW
from batches.models import Batch
from batches.refused import invalid, too_large
from batches.validate import add_lines
from batches.waking import wake

ENDPOINT = "/v1/messages"
CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@transaction.atomic
def make_message_batch(owner: Owner, requests: Any, *, version: str, now: datetime) -> Batch:
    """Raises CallRefused, which names the request and field. `version` is the caller's `anthropic-version`."""
    if not isinstance(requests, list) or not requests:
        raise invalid("'requests' must be a list of one request at least.", "requests")
    if len(requests) > settings.BATCH_MAX_LINES:
        raise too_large(f"A batch has {settings.BATCH_MAX_LINES:,} requests at most.", "requests")
    lines = list(_lines_of(requests))
    batch = Batch.objects.create(
        organization_id=owner.organization,
        project_id=owner.project,
        api_key_id=owner.key,
        public_key_id=owner.public_key_id,
        dialect=Batch.Dialect.ANTHROPIC,
        endpoint=ENDPOINT,
        anthropic_version=version,
        status=Batch.Status.IN_PROGRESS,
        created_at=now,
        in_progress_at=now,
        expires_at=now + WINDOW,
    )
    add_lines(batch, lines)
    after_commit(wake, batch.pk)
    return batch


def _lines_of(requests: list[Any]) -> Iterator[Line]:
    seen: set[str] = set()
    for place, request in enumerate(requests):
        at = f"requests.{place}"
        line = _line(request, place, at)
        if line.custom_id in seen:
            raise invalid(f"{at}.custom_id: '{line.custom_id}' is in this batch already.", f"{at}.custom_id")
        seen.add(line.custom_id)
        yield line


def _line(request: Any, place: int, at: str) -> Line:
    if not isinstance(request, dict):
        raise invalid(f"{at} must be an object.", at)
    custom_id, params = request.get("custom_id"), request.get("params")
    if not isinstance(custom_id, str) or not CUSTOM_ID.fullmatch(custom_id):
        raise invalid(f"{at}.custom_id must be 1 to 64 letters, digits, '_' or '-'.", f"{at}.custom_id")
    if not isinstance(params, dict):
        raise invalid(f"{at}.params must be an object.", f"{at}.params")
    if not isinstance(params.get("model"), str):
        raise invalid(f"{at}.params.model must name a model.", f"{at}.params.model")
    if params.get("stream"):
        raise invalid(f"{at}.params.stream must not be set: a batch has whole answers.", f"{at}.params.stream")
    return Line(place + 1, custom_id, json.dumps(params))
