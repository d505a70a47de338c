"""A batch of a file's requests, as OpenAI's API makes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.after_commit import after_commit
from batches.files import Owner, find_file
from batches.line_rules import ENDPOINTS, is_storable
from batches.models import Batch, File
from batches.refused import invalid
from batches.waking import wake

WINDOW = timedelta(hours=24)
MOST_PAIRS, LONGEST_NAME, LONGEST_VALUE = 16, 64, 512
TAKEN_FOR_A_RETRY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields of `POST /v1/batches`, unchecked. `is_retry`: the SDK has sent this before and got no answer."""

    input_file_id: Any = None
    endpoint: Any = None
    completion_window: Any = None
    metadata: Any = None
    is_retry: bool = False


@transaction.atomic
def make_batch(owner: Owner, asked: Asked, *, now: datetime) -> Batch:
    """The batch is validated by a worker, within seconds. Raises CallRefused."""
    if asked.endpoint not in ENDPOINTS:
        raise invalid(f"The endpoint is one of {', '.join(ENDPOINTS)}.", "endpoint")
    if asked.completion_window != "24h":
        raise invalid("The completion window is 24h.", "completion_window")
    if not isinstance(asked.input_file_id, str):
        raise invalid("Name the file that has the requests.", "input_file_id")
    metadata = _checked_metadata(asked.metadata)
    file = _locked_input(owner, asked.input_file_id, now)
    if asked.is_retry and (made := _made_just_now(owner, file, asked, now)):
        return made
    batch = Batch.objects.create(
        organization_id=owner.organization,
        project_id=owner.project,
        api_key_id=owner.key,
        public_key_id=owner.public_key_id,
        dialect=Batch.Dialect.OPENAI,
        endpoint=asked.endpoint,
        input_file=file,
        input_file_public_id=file.public_id,
        metadata=metadata,
        created_at=now,
        expires_at=now + WINDOW,
    )
    after_commit(wake, batch.pk)
    return batch


def _locked_input(owner: Owner, public_id: str, now: datetime) -> File:
    file = find_file(owner, public_id, at=now)
    if file.purpose != File.Purpose.BATCH:
        raise invalid("Only a file of purpose 'batch' has requests.", "input_file_id")
    # Whoever deletes the file waits for this transaction, and then finds the batch.
    locked = File.objects.select_for_update().filter(pk=file.pk).first()
    if locked is None:
        raise invalid("The file has just been deleted.", "input_file_id")
    return locked


def _made_just_now(owner: Owner, file: File, asked: Asked, now: datetime) -> Batch | None:
    """The batch whose answer an SDK missed, so that its own retry makes no second one."""
    metadata: dict[str, Any] = {"metadata__isnull": True} if asked.metadata is None else {"metadata": asked.metadata}
    return (
        Batch.objects.of(owner.project, Batch.Dialect.OPENAI)
        .filter(api_key_id=owner.key, input_file=file, endpoint=asked.endpoint, **metadata)
        .filter(created_at__gte=now - TAKEN_FOR_A_RETRY)
        .first()
    )


def _checked_metadata(metadata: Any) -> Mapping[str, str] | None:
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or len(metadata) > MOST_PAIRS:
        raise invalid(f"Metadata is an object of {MOST_PAIRS} pairs at most.", "metadata")
    for name, value in metadata.items():
        if len(name) > LONGEST_NAME or not isinstance(value, str) or len(value) > LONGEST_VALUE:
            message = f"Metadata has names of {LONGEST_NAME} characters at most, and texts of {LONGEST_VALUE} at most."
            raise invalid(message, f"metadata.{name[:LONGEST_NAME]}")
        if not is_storable(name + value):
            raise invalid("Metadata can't have this character.", "metadata")
    return metadata
