"""Cuts the streams of a key that was revoked or disabled, or whose organization was suspended."""

import asyncio
import time
from collections.abc import Set as AbstractSet

from core.key_check import refuse_key, refuse_organization
from core.verdict import Verdict
from core.wire import key_facts_at, organization_facts_at
from gateway import log
from gateway.exchange import Exchange
from gateway.facts import Facts
from gateway.identify import Caller, keys_page
from gateway.redis_pipe import RedisDown
from gateway.settings import Settings


class KeyWatch:
    """What was delivered until then is charged; the client gets the refusal in its own dialect."""

    def __init__(self, exchanges: AbstractSet[Exchange], facts: Facts, settings: Settings) -> None:
        self._exchanges = exchanges
        self._facts = facts
        self._page = keys_page(settings)
        self._checks: set[asyncio.Task[None]] = set()

    async def check(self, changed: str | None) -> None:
        """Judge the running exchanges that the change concerns; all of them for None. Raises `RedisDown`."""
        for exchange in list(self._exchanges):
            if changed is None or changed in _facts_of(exchange.call.caller):
                await self._judge(exchange)

    def began(self, exchange: Exchange) -> None:
        """Judge again what was announced while the request was read and admitted, when it was no exchange yet."""
        caller = exchange.call.caller
        if self._facts.is_current(key_facts_at(caller.key.key_id), caller.key):
            return
        task = asyncio.create_task(self._judge_if_redis_answers(exchange))
        self._checks.add(task)
        task.add_done_callback(self._checks.discard)

    async def _judge_if_redis_answers(self, exchange: Exchange) -> None:
        try:
            await self._judge(exchange)
        except RedisDown:
            return  # The listener judges everything again once it has a connection.

    async def _judge(self, exchange: Exchange) -> None:
        refused = await self._refusal_of(exchange.call.caller)
        if refused is not None:
            log.line("exchange.cut", request=exchange.client.request_id, code=refused.code)
            exchange.hang_up(refused)

    async def _refusal_of(self, caller: Caller) -> Verdict | None:
        """What isn't published says nothing: Redis may have been emptied, and is being written again."""
        key = await self._facts.key(caller.key.key_id)
        if key is not None and (refused := refuse_key(key, at=time.time(), page=self._page)) is not None:
            return refused
        organization = await self._facts.organization(caller.organization.id)
        return refuse_organization(organization) if organization else None


def _facts_of(caller: Caller) -> tuple[str, str]:
    return key_facts_at(caller.key.key_id), organization_facts_at(caller.organization.id)
