"""Static files are collected again only when one of them has changed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

FINGERPRINT = ".fingerprint"


def collect_static_files() -> None:
    """Collect and compress, which takes seconds, unless it was done for exactly these files."""
    note = Path(settings.STATIC_ROOT) / FINGERPRINT
    fingerprint = fingerprint_of_sources()
    if note.exists() and note.read_text() == fingerprint:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    note.write_text(fingerprint)


def fingerprint_of_sources() -> str:
    """Answer a hash over every source's path, size and time of change, and over the way they are stored."""
    sources = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for line in sorted(_described_sources()):
        sources.update(line.encode())
    return sources.hexdigest()


def _described_sources() -> Iterator[str]:
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            yield f"{path} {status.st_size} {status.st_mtime_ns}\n"
