"""When, from where and for which model keys were used last: gateways note it in Redis, a job copies it here."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection
from redis.exceptions import ResponseError

from core.networks import parse_address
from core.wire import KEYS_USED, LastUse, decode_last_use, encode
from notices.facts import redis_client

TAKEN = f"{KEYS_USED}:taken"

UPDATE = """
UPDATE keys_apikey AS key
   SET last_used_at = used.at, last_used_from = used.address, last_used_model = used.model
  FROM unnest(%s::uuid[], %s::timestamptz[], %s::inet[], %s::text[]) AS used(id, at, address, model)
 WHERE key.id = used.id AND (key.last_used_at IS NULL OR key.last_used_at < used.at)
"""


def note_use(key: str, address: str | None) -> None:
    """Note, as gateways do, that an admin key was used just now. Raises `redis.RedisError`."""
    redis_client().hset(KEYS_USED, key, encode(LastUse(time.time(), address or "", "")))


def copy_last_uses() -> int:
    """Copy what gateways have noted; answer how many keys were used later than known. Raises `redis.RedisError`.

    What a job took and did not finish is taken again: a copy that is not newer changes nothing.
    """
    return _copy_taken() + (_copy_taken() if _take() else 0)


def _take() -> bool:
    try:
        return bool(redis_client().rename(KEYS_USED, TAKEN))
    except ResponseError:
        return False  # There is nothing to take.


def _copy_taken() -> int:
    noted: Mapping[bytes, bytes] = redis_client().hgetall(TAKEN)  # type: ignore[assignment]  # Not awaitable here.
    if not noted:
        return 0
    copied = _update({UUID(key.decode()): decode_last_use(use) for key, use in noted.items()})
    redis_client().delete(TAKEN)
    return copied


def _update(uses: Mapping[UUID, LastUse]) -> int:
    """In the order of keys, so that two jobs at once can't wait for each other."""
    ordered = [uses[key] for key in sorted(uses)]
    addresses = [parse_address(use.address) for use in ordered]
    with connection.cursor() as cursor:
        cursor.execute(
            UPDATE,
            [
                sorted(uses),
                [datetime.fromtimestamp(use.at, UTC) for use in ordered],
                [str(address) if address else None for address in addresses],
                [use.model for use in ordered],
            ],
        )
        return int(cursor.rowcount)
