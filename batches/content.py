"""The bytes of files, in PostgreSQL: written whole or not at all, seen by every process and machine at once.

Why not on a disk: docs/adr/0011-files-in-postgresql.md.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db import transaction

from batches.models import File, FileChunk

CHUNK = 512 * 1024
KEPT_FOR = timedelta(days=30)


@transaction.atomic
def write_file(file: File, parts: Iterable[bytes]) -> File:
    """Store the bytes with their number and hash; answer the file, which is durable once the transaction commits."""
    digest, file.size, file.sha256 = hashlib.sha256(), 0, ""
    file.save(force_insert=True)
    for position, data in enumerate(_chunks(parts)):
        FileChunk.objects.create(file=file, position=position, data=data)
        digest.update(data)
        file.size += len(data)
    file.sha256 = digest.hexdigest()
    file.save(update_fields=["size", "sha256"])
    return file


def read_parts(file: File) -> Iterator[bytes]:
    for position in FileChunk.objects.filter(file=file).order_by("position").values_list("position", flat=True):
        yield bytes(FileChunk.objects.values_list("data", flat=True).get(file=file, position=position))


def read_lines(file: File) -> Iterator[tuple[int, bytes]]:
    """Answer the lines that are not blank, each with its number from 1."""
    number, rest = 0, b""
    for part in read_parts(file):
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            number += 1
            if line.strip():
                yield number, line
    if rest.strip():
        yield number + 1, rest


def _chunks(parts: Iterable[bytes]) -> Iterator[bytes]:
    gathered = bytearray()
    for part in parts:
        gathered += part
        while len(gathered) >= CHUNK:
            yield bytes(gathered[:CHUNK])
            del gathered[:CHUNK]
    if gathered:
        yield bytes(gathered)
