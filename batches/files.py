"""What developers do with files: send, list, fetch and delete. A file is seen by keys of its own project alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from batches.content import KEPT_FOR, write_file
from batches.models import Batch, File
from batches.refused import invalid, not_found, too_large

SHORTEST_LIFE, LONGEST_LIFE = timedelta(hours=1), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Owner:
    """On whose behalf a call is made: ids of rows, and the key's public id."""

    organization: str
    project: str
    key: str
    public_key_id: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was sent; `size` in bytes."""

    name: str
    size: int
    parts: Iterable[bytes]


def store_file(owner: Owner, sent: Sent, *, life: timedelta | None, now: datetime) -> File:
    """Keep a file of purpose `batch`; it is whole and durable when this returns. Raises CallRefused."""
    if sent.size > settings.FILE_MAX_BYTES:
        raise too_large(f"The file is larger than {settings.FILE_MAX_BYTES:,} bytes.", "file")
    if not sent.size:
        raise invalid("The file is empty.", "file")
    if life is not None and not SHORTEST_LIFE <= life <= LONGEST_LIFE:
        raise invalid("A file lives for an hour at least and 30 days at most.", "expires_after.seconds")
    _check_quota(owner, sent.size, now)
    file = File(
        organization_id=owner.organization,
        project_id=owner.project,
        purpose=File.Purpose.BATCH,
        filename=sent.name.replace("\0", "")[:200] or "file.jsonl",
        created_at=now,
        expires_at=now + (life or KEPT_FOR),
    )
    return write_file(file, sent.parts)


def find_file(owner: Owner, public_id: str, *, at: datetime) -> File:
    """Raises CallRefused: another project's file is as unknown as one that never was."""
    pk = id_in(public_id, "file-")
    file = File.objects.of(owner.project, at=at).filter(pk=pk).first() if pk else None
    if file is None:
        raise not_found(f"No such file: {public_id[:80]}.")
    return file


@transaction.atomic
def delete_file(owner: Owner, public_id: str, *, now: datetime) -> File:
    """Raises CallRefused where a batch still has to read it."""
    file = find_file(owner, public_id, at=now)
    # The lock orders this against a batch that is being made of the file.
    File.objects.select_for_update().filter(pk=file.pk).first()
    if Batch.objects.filter(input_file=file, status=Batch.Status.VALIDATING).exists():
        raise invalid("A batch is reading this file: delete it once the batch is in progress.", "file_id")
    File.objects.filter(pk=file.pk).delete()
    return file


def id_in(public_id: str, prefix: str) -> UUID | None:
    """Answer the row's id in `file-<hex>` and its like; None where it is none."""
    if not public_id.startswith(prefix):
        return None
    try:
        return UUID(hex=public_id.removeprefix(prefix))
    except ValueError:
        return None


def _check_quota(owner: Owner, size: int, now: datetime) -> None:
    kept = File.objects.of(owner.project, at=now).aggregate(sum=Sum("size"))["sum"] or 0
    if kept + size > settings.PROJECT_FILES_MAX_BYTES:
        raise too_large(
            f"The project's files have {kept:,} of {settings.PROJECT_FILES_MAX_BYTES:,} bytes: delete some.", "file"
        )
