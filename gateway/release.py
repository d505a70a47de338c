"""After settlement: the wallet's new state goes to Redis where it is newer, unused tokens go back, the hold goes.

Nothing here is waited for. Commands leave in order on the one connection, so that the caller's next request finds the
hold gone; those that Redis did not take are kept and sent again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from core.money import micros_up
from core.usage import TokenCounts
from core.usage_event import UsageEvent
from gateway.admit import HOLD_MS
from gateway.call import Call
from gateway.redis_pipe import RedisDown, RedisPipe
from gateway.scripts import KEEP, RELEASE, Keys, Script, keys_of

KEPT = "kept:"
# In a journal's row, beside the event's columns: what its hold counts in.
COUNTERS = "counters"
NOTHING_BACK = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Wallet:
    """The state that `settle()` returned; micro-dollars. `counters` are of budgets: see `core.budget_wire`."""

    version: int
    available: int
    counters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a request whose usage waits in the journal cost, in micro-dollars, and what else that counts in."""

    organization: str
    amount: int
    counters: str


class _Command(NamedTuple):
    script: Script
    keys: Keys
    words: tuple[str | int, ...]

    @property
    def organization(self) -> str:
        """By its wallet, which is the first of the keys."""
        return self.keys[0]


class Releaser:
    def __init__(self, redis: RedisPipe) -> None:
        self._redis = redis
        # By organization: a node of a cluster may be away for long, and the others are not to wait for it.
        self._unsent: defaultdict[str, list[tuple[int, _Command]]] = defaultdict(list)
        self._numbers = count()
        self._running: dict[UUID, Call] = {}
        self._kept: dict[str, _Kept] = {}  # by hold id

    @property
    def holds(self) -> int:
        return len(self._running) + len(self._kept)

    def begin(self, call: Call) -> None:
        """Take over the hold that admission put: it is renewed until it is released."""
        self._running[call.id] = call

    def abandon(self, organization: str, hold: UUID) -> None:
        """Redis was lost before it answered: the hold may stand there or not."""
        self._send(_release(None, [str(hold)], NOTHING_BACK, keys=keys_of(organization)))

    def release(self, call: Call, wallet: Wallet | None, counts: TokenCounts) -> None:
        """Without a wallet nothing was charged."""
        self._running.pop(call.id, None)
        reserved, output = call.reservation, counts.total_output
        back = (
            reserved.input_tokens - counts.total_input,
            reserved.output_tokens - output,
            reserved.key_output_tokens - output,
        )
        keys = keys_of(call.organization, call.caller.key.id)
        self._send(_release(wallet, [str(call.id)], back, keys=keys))

    def keep(self, call: Call, event: UsageEvent) -> None:
        """The usage waits in the journal: hold its cost, and free its place among the concurrent requests."""
        kept = _Kept(call.organization, micros_up(event.amount), call.reservation.counters)
        self._running.pop(event.id, None)
        self._kept[str(event.id)] = kept
        self._send(_keep(f"{KEPT}{event.id}", kept, replaces=str(event.id)))

    def release_replayed(self, organization: str, wallet: Wallet, events: Iterable[str]) -> None:
        ids = list(events)
        for event in ids:
            self._kept.pop(event, None)
        self._send(_release(wallet, ids, NOTHING_BACK, keys=keys_of(organization)))

    def adopt(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Hold again what an earlier process wrote to the journal; it is registered with everything else."""
        for row in rows:
            self._kept[row["id"]] = _Kept(row["organization_id"], micros_up(row["amount"]), row.get(COUNTERS, ""))

    def renew(self) -> None:
        """Lengthen every hold. What Redis doesn't take now is not sent later: by then the hold may be released."""
        for command in self._renewals():
            self._call(command).add_done_callback(_look_at)

    async def register(self) -> None:
        """Return when Redis has every hold, whether or not it had lost them. Raises `RedisDown`."""
        if not self._redis.is_ready:
            raise RedisDown("Redis is not connected.")
        self.send_again()
        await asyncio.gather(*[self._call(command, with_text=True) for command in self._renewals()])

    def send_again(self) -> None:
        """With the scripts' text: Redis may have forgotten it."""
        for organization in list(self._unsent):
            self._send_older(organization)

    def _renewals(self) -> list[_Command]:
        running = [
            _keep(str(call.id), _Kept(call.organization, call.reservation.hold, call.reservation.counters))
            for call in self._running.values()
        ]
        kept = [_keep(f"{KEPT}{event}", kept) for event, kept in self._kept.items()]
        return running + kept

    def _send(self, command: _Command) -> None:
        """After what Redis did not take before: a hold must not be set again by an older command."""
        if self._unsent and self._redis.is_ready:
            self._send_older(command.organization)
        self._note(next(self._numbers), command, self._call(command))

    def _send_older(self, organization: str) -> None:
        """In the order in which they were first sent: what fails again may come back in another."""
        for number, command in sorted(self._unsent.pop(organization, ()), key=itemgetter(0)):
            self._note(number, command, self._call(command, with_text=True))

    def _call(self, command: _Command, *, with_text: bool = False) -> asyncio.Future[Any]:
        script = ("EVAL", command.script.text) if with_text else ("EVALSHA", command.script.sha)
        return self._redis.call(*script, len(command.keys), *command.keys, *command.words)

    def _note(self, number: int, command: _Command, sent: asyncio.Future[Any]) -> None:
        def note(done: asyncio.Future[Any]) -> None:
            if done.cancelled() or done.exception() is not None:
                self._unsent[command.organization].append((number, command))

        sent.add_done_callback(note)


def _release(wallet: Wallet | None, ids: list[str], back: tuple[int, int, int], *, keys: Keys) -> _Command:
    """`back`: tokens of input, of output to the organization, and of output to the key."""
    state: tuple[str | int, ...] = ("", "") if wallet is None else (wallet.version, wallet.available)
    counters = () if wallet is None else wallet.counters
    return _Command(RELEASE, keys, (*state, *back, len(counters), *counters, *ids))


def _keep(hold: str, kept: _Kept, *, replaces: str = "") -> _Command:
    return _Command(KEEP, keys_of(kept.organization), (hold, kept.amount, HOLD_MS, replaces, kept.counters))


def _look_at(done: asyncio.Future[Any]) -> None:
    """An error that nobody looks at is complained about."""
    if not done.cancelled():
        done.exception()
