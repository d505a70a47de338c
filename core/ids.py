"""Row ids: UUID version 7 (RFC 9562): its first 48 bits are the millisecond of birth, so indexes grow at one end."""

import hashlib
import os
import time
from datetime import UTC, datetime
from uuid import UUID, uuid5

NIL = UUID(int=0)

_NAMES = UUID("0194f3a2-7c6e-7b1d-9a52-3f0e8d64c1b7")

_VERSION_7 = 0x7 << 76
_VARIANT_RFC = 0b10 << 62
_RANDOM_B = (1 << 62) - 1


def uuid7() -> UUID:
    """Answer a new id; ids of one process within one millisecond are in random order."""
    random = int.from_bytes(os.urandom(10))
    return _compose(time.time_ns() // 1_000_000, random >> 68, random & _RANDOM_B)


def named_id(name: str) -> UUID:
    """Answer the id that a name has for ever: a hash of it, born in no month.

    Its first byte puts its time of birth beyond the year 10,000: where rows of a month to come lay in the default
    partition already, that month's partition could not be made.
    """
    return UUID(bytes=b"\xff" + uuid5(_NAMES, name).bytes[1:])


def derived_uuid7(parent: UUID, name: str) -> UUID:
    """Answer the id that belongs to `name` within the version-7 id `parent`: born with it, and always the same."""
    digest = int.from_bytes(hashlib.sha256(parent.bytes + name.encode()).digest(), "big")
    return _compose(parent.int >> 80, digest >> 62 & 0xFFF, digest & (1 << 62) - 1)


def first_uuid7_at(instant: datetime) -> UUID:
    """Answer the smallest id that could be born at `instant`: the bound of a partition or a range scan."""
    return _compose(int(instant.timestamp() * 1000), 0, 0)


def born_at(id_: UUID) -> datetime:
    """Answer the millisecond in which a version-7 id was made."""
    return datetime.fromtimestamp((id_.int >> 80) / 1000, tz=UTC)


def _compose(millisecond: int, random_a: int, random_b: int) -> UUID:
    return UUID(int=(millisecond << 80) | _VERSION_7 | (random_a << 64) | _VARIANT_RFC | random_b)
