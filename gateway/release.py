"""After settlement: the wallet's new state goes to Redis where it is newer, unused tokens go back, the hold goes.

Nothing here is waited for. Commands leave in order on the one connection, so that the caller's next request finds the
hold gone; those that Redis did not take are kept and sent again.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.money import micros_up
from core.usage import TokenCounts
from core.usage_event import UsageEvent
from gateway.admit import HOLD_MS
from gateway.call import Call
from gateway.redis_pipe import RedisPipe
from gateway.scripts import KEEP, RELEASE, Script, keys_of

KEPT = "kept:"


@dataclass(frozen=True, slots=True)
class Wallet:
    """The state that `settle()` returned; micro-dollars. `counters` are of budgets: see `core.budget_wire`."""

    version: int
    available: int
    counters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Command:
    script: Script
    organization: str
    words: tuple[str | int, ...]


class Releaser:
    def __init__(self, redis: RedisPipe) -> None:
        self._redis = redis
        self._unsent: list[_Command] = []
        # Cost of requests whose usage waits in the journal, by hold id: organization and micro-dollars.
        self._kept: dict[str, tuple[str, int]] = {}

    def release(self, call: Call, wallet: Wallet | None, counts: TokenCounts) -> None:
        """Without a wallet nothing was charged."""
        reserved = call.reservation
        back = (reserved.input_tokens - counts.total_input, reserved.output_tokens - counts.total_output)
        self._send(_Command(RELEASE, call.organization, (*_words(wallet), *back, str(call.id))))

    def keep(self, event: UsageEvent) -> None:
        """The usage waits in the journal: hold its cost, and free its place among the concurrent requests."""
        organization, amount = str(event.organization), micros_up(event.amount)
        self._kept[str(event.id)] = organization, amount
        self._send(_Command(KEEP, organization, (f"{KEPT}{event.id}", amount, HOLD_MS, str(event.id))))

    def release_replayed(self, organization: str, wallet: Wallet, events: Iterable[str]) -> None:
        ids = list(events)
        for event in ids:
            self._kept.pop(event, None)
        self._send(_Command(RELEASE, organization, (*_words(wallet), 0, 0, *ids)))

    def renew(self, call: Call) -> None:
        """Also registers the hold again where Redis has lost it."""
        self._send(_Command(KEEP, call.organization, (str(call.id), call.reservation.hold, HOLD_MS, "")))

    def renew_kept(self) -> None:
        for event, (organization, amount) in self._kept.items():
            self._send(_Command(KEEP, organization, (f"{KEPT}{event}", amount, HOLD_MS, "")))

    def send_again(self) -> None:
        """With the scripts' text: Redis may have forgotten it."""
        if self._redis.is_ready:
            commands, self._unsent = self._unsent, []
            for command in commands:
                self._send(command, with_text=True)

    def _send(self, command: _Command, *, with_text: bool = False) -> None:
        keys = keys_of(command.organization)
        script = ("EVAL", command.script.text) if with_text else ("EVALSHA", command.script.sha)
        sent = self._redis.call(*script, len(keys), *keys, *command.words)

        def note(done: asyncio.Future[Any]) -> None:
            if done.cancelled() or done.exception() is not None:
                self._unsent.append(command)

        sent.add_done_callback(note)


def _words(wallet: Wallet | None) -> tuple[str | int, str | int]:
    return ("", "") if wallet is None else (wallet.version, wallet.available)
