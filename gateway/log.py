"""Structured logs: one JSON object a line on standard output. Callers never pass a key, only its public prefix."""

import sys
from datetime import UTC, datetime

import msgspec

_ENCODER = msgspec.json.Encoder(enc_hook=str)


def line(event: str, /, **fields: object) -> None:
    frequent(event, **fields)
    sys.stdout.flush()


def frequent(event: str, /, **fields: object) -> None:
    """A line that may wait a second for others, to leave in one write with them (`flush`)."""
    own: dict[str, object] = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event}
    # The line's own two names come first, and no field replaces them.
    record = own | fields | own
    sys.stdout.write(_ENCODER.encode(record).decode() + "\n")


def flush() -> None:
    sys.stdout.flush()
