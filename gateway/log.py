"""Structured logs: one JSON object a line on standard output. Callers never pass a key, only its public prefix."""

import atexit
import sys
from datetime import UTC, datetime

import msgspec

MOST_WAITING = 200
_waiting: list[bytes] = []
_ENCODER = msgspec.json.Encoder(enc_hook=str)


def line(event: str, /, **fields: object) -> None:
    frequent(event, **fields)
    flush()


def frequent(event: str, /, **fields: object) -> None:
    """A line that may wait a second for `MOST_WAITING` others, to leave in one write with them (`flush`)."""
    own: dict[str, object] = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event}
    # The line's own two names come first, and no field replaces them.
    record = own | fields | own
    _waiting.append(_ENCODER.encode(record))
    if len(_waiting) >= MOST_WAITING:
        flush()


def flush() -> None:
    if _waiting:
        lines = b"\n".join(_waiting).decode()
        _waiting.clear()
        sys.stdout.write(lines + "\n")
        sys.stdout.flush()


atexit.register(flush)
