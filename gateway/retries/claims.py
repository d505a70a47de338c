"""Which gateway answers what, in Redis: one small hash for each thing asked, in the organization's slot.

A field for each generation: its id -> `<gateway>:<level>:<state>`, where the level is the SDK's count of attempts, and
the state is `lost` once its client has hung up. `refused:<level>` counts attempts that got a refusal, whose retries
are new requests. A claim by Idempotency-Key has one generation, and the digest of its `body`.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from gateway.admit import Mark, run_script
from gateway.redis_pipe import RedisPipe
from gateway.retries.asked import Asked
from gateway.scripts import Script

# A mark lives so long after it was last renewed; a renewal comes every 20 seconds while the generation runs.
MARK_SECONDS = 60
# An Idempotency-Key is remembered so long after the answer's end.
KEY_SECONDS = 600
# So long a receipt tells how many retries joined its request.
COUNT_SECONDS = 24 * 3600
# Of one body, so many requests within a minute are remembered: who sends more in parallel wants different answers.
MOST_OF_ONE_BODY = 64


@dataclass(frozen=True, slots=True)
class Begin:
    """Nothing like it is running or kept: generate. `id` is another's where a gateway died in the middle of it."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Join:
    id: UUID
    gateway: str


@dataclass(frozen=True, slots=True)
class OtherBody:
    id: UUID


def _script(name: str) -> Script:
    text = (Path(__file__).parent / name).read_text()
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


AGAIN, CLAIM, TAKE, DROP = (_script(name) for name in ("again.lua", "claim.lua", "take.lua", "drop.lua"))


def joins_at(organization: str, id_: UUID) -> str:
    return f"{{{organization}}}:joined:{id_.hex}"


class Claims:
    def __init__(self, redis: RedisPipe, gateway: str) -> None:
        self._redis = redis
        self._gateway = gateway
        self._sent: set[asyncio.Task[object]] = set()

    def mark(self, asked: Asked, id_: UUID) -> Mark:
        """For the admission of a first attempt, which leaves it."""
        oldest = f"{max(0, (id_.int >> 80) - MARK_SECONDS * 1000):012x}"
        return Mark(asked.at, (id_.hex, self._gateway, asked.level, MARK_SECONDS * 1000, MOST_OF_ONE_BODY, oldest))

    async def claim(self, asked: Asked, id_: UUID) -> Begin | Join | OtherBody:
        """One round trip. Raises `RedisDown`."""
        if asked.is_keyed:
            words = (id_.hex, self._gateway, MARK_SECONDS * 1000, asked.body)
            kind, *found = await run_script(self._redis, CLAIM, (asked.at,), *words)
        else:
            again = (id_.hex, self._gateway, asked.level, MARK_SECONDS * 1000)
            kind, *found = await run_script(self._redis, AGAIN, (asked.at,), *again)
        if kind == b"new":
            return Begin(id_)
        earlier = UUID(hex=found[0].decode())
        return OtherBody(earlier) if kind == b"other" else Join(earlier, found[1].decode())

    async def take_over(self, asked: Asked, join: Join) -> bool:
        """Raises `RedisDown`."""
        words = (join.id.hex, join.gateway, self._gateway, MARK_SECONDS * 1000)
        return bool(await run_script(self._redis, TAKE, (asked.at,), *words))

    def lost(self, asked: Asked, join: Join) -> None:
        """Its client has hung up: that client's retry joins it before any other."""
        if not asked.is_keyed:
            self._call("HSET", asked.at, join.id.hex, f"{join.gateway}:{asked.level}:lost")

    def joined(self, asked: Asked, id_: UUID) -> None:
        """Count it, for the receipt."""
        at = joins_at(asked.organization, id_)
        self._call("INCR", at)
        self._call("EXPIRE", at, COUNT_SECONDS)

    def renew(self, asked: Asked) -> None:
        self._call("PEXPIRE", asked.at, MARK_SECONDS * 1000)

    def answered(self, asked: Asked) -> None:
        if asked.is_keyed:
            self._call("PEXPIRE", asked.at, KEY_SECONDS * 1000)

    def drop(self, asked: Asked, id_: UUID | None, *, was_refused: bool, gateway: str | None = None) -> None:
        """The generation, of this gateway or another, ended or never began without an answer to repeat."""
        level = asked.level if was_refused and not asked.is_keyed else ""
        self._send(DROP, asked, "" if id_ is None else id_.hex, level, MARK_SECONDS * 1000, gateway or self._gateway)

    def _send(self, script: Script, asked: Asked, *words: str | int) -> None:
        # The common case costs no task: only where Redis has forgotten the script its text is sent.
        sent = self._redis.call("EVALSHA", script.sha, 1, asked.at, *words)

        def note(done: asyncio.Future[object]) -> None:
            if not done.cancelled() and str(done.exception()).startswith("NOSCRIPT"):
                self._call("EVAL", script.text, 1, asked.at, *words)

        sent.add_done_callback(note)

    def _call(self, *words: str | int) -> None:
        self._redis.call(*words).add_done_callback(_seen)


def _seen(done: asyncio.Future[object]) -> None:
    if not done.cancelled():
        done.exception()  # Seen: nobody waits, and what was lost costs a retry its join at most.
