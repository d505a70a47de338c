"""What one part of the installation tells another under their common key: a few words that can't be changed or kept.

A signed text is `<purpose>~<word>~…~<expiry, Unix seconds>~<HMAC-SHA256, hexadecimal>`, fit for an HTTP header.
"""

import hashlib
import hmac
from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from core.ids import derived_uuid7

SEPARATOR = "~"
SHORTEST_KEY = 32  # bytes


class Purpose(StrEnum):
    """A text that is signed for one purpose is none for the other."""

    BATCH_LINE = "batch"  # worker to gateway, in place of a key: key id, batch, line
    PASSED_CALL = "passed"  # gateway to control plane: the caller's address, request id


def signed(purpose: Purpose, words: Iterable[str], *, key: bytes, until: float) -> str:
    """Raises ValueError where a word has the separator in it."""
    parts = [purpose.value, *words, str(int(until))]
    if any(SEPARATOR in part for part in parts):
        raise ValueError("A signed word can't have a tilde.")
    text = SEPARATOR.join(parts)
    return f"{text}{SEPARATOR}{_signature(text, key)}"


def read_signed(text: str, purpose: Purpose, *, key: bytes, at: float) -> list[str] | None:
    """Answer the words; None where the text is not ours, is for another purpose, or was good until before `at`."""
    head, _, signature = text.rpartition(SEPARATOR)
    if not key or not head or not hmac.compare_digest(_signature(head, key).encode(), signature.encode()):
        return None
    found, *words, until = head.split(SEPARATOR)
    return words if found == purpose and int(until) >= at else None


def parse_signing_key(text: str) -> bytes:
    """Read BATCH_SIGNING_KEY; empty where there is none. Raises ValueError, which never shows it."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise ValueError("BATCH_SIGNING_KEY is not hexadecimal.") from None
    if key and len(key) < SHORTEST_KEY:
        raise ValueError(f"BATCH_SIGNING_KEY needs {SHORTEST_KEY} bytes or more.")
    return key


def line_event(batch: UUID, line: int) -> UUID:
    """Answer the usage event of a batch's line: the same one however often the line is tried, so charged once."""
    return derived_uuid7(batch, f"line {line}")


def _signature(text: str, key: bytes) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
