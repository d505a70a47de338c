"""POST endpoints that call a model: understand, identify, admit, then hand over to an exchange."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from core.scope import Scope
from core.service_tier import ServiceTier
from core.verdict import Refusal, Verdict
from core.wire import ModelFacts, wallet_at
from gateway.admit import Mark, Reservation, admit
from gateway.call import Call, request_id_of
from gateway.client import Client
from gateway.dialects.dialect import Request
from gateway.dialects.fields import FieldRefused
from gateway.end_customers import attribute
from gateway.estimate import estimate, hold_of
from gateway.exchange import Exchange
from gateway.gateway import Gateway
from gateway.grants import find_model, price_in_force, refuse_unless_callable
from gateway.identify import NOT_PUBLISHED_YET, Caller, Headers, identify
from gateway.lifecycle_headers import lifecycle_headers
from gateway.redis_pipe import RedisDown
from gateway.request_body import Receive, read_body
from gateway.retries.asked import Asked, read_asked
from gateway.retries.recording import Recording
from gateway.service_tiers import TierEcho, prices_at, tier_of
from gateway.surfaces.openai import OPENAI

JOURNAL_FULL = Verdict(Refusal.UNAVAILABLE, "Usage can't be recorded at the moment. Try again soon.", retry_after=5)


async def infer(
    gateway: Gateway,
    client: Client,
    headers: Headers,
    receive: Receive,
    *,
    id_: UUID,
    path: str,
    read: Callable[[bytes], Request],
    address: str,
) -> Verdict | None:
    """Serve one request to its end, or answer why not. Raises `RedisDown` and `ClientGone`."""
    settings, facts = gateway.settings, gateway.facts
    caller = await identify(headers, scope=Scope.INFERENCE, facts=facts, settings=settings, address=address)
    if isinstance(caller, Verdict):
        return caller
    body = await read_body(headers, receive, most=settings.max_body, seconds=settings.body_seconds)
    if isinstance(body, Verdict):
        return body
    if caller.line:
        id_, client.request_id = caller.line, request_id_of(caller.line)
    asked = read_asked(headers, body, path=path, caller=caller)
    if isinstance(asked, Verdict):
        return asked
    begun = None if asked.is_first else await gateway.retries.begin(asked, id_, client, receive)
    if client.has_started or isinstance(begun, Verdict):
        return begun if isinstance(begun, Verdict) else None
    generate = _Generate(gateway, client, headers, receive, caller, asked)
    return await generate(partial(read, body), id_=id_, begun=begun)


@dataclass(frozen=True, slots=True)
class _Generate:
    """An attempt that nothing earlier answers."""

    gateway: Gateway
    client: Client
    headers: Headers
    receive: Receive
    caller: Caller
    asked: Asked

    async def __call__(self, read: Callable[[], Request], *, id_: UUID, begun: Recording | None) -> Verdict | None:
        """`begun` has the claim of an attempt that is not the first."""
        retries = self.gateway.retries
        recording = begun or retries.record(self.asked, id_)  # Before its mark: who joins at once must find it.
        started: asyncio.Task[None] | None = None
        refused: Verdict | None = None
        try:
            exchange = await self._exchange(read, recording.id, mark=None if begun else retries.mark(self.asked, id_))
            if isinstance(exchange, Verdict):
                refused = exchange
                return refused
            started = self.gateway.carry(exchange, recording)
        finally:
            self.gateway.recovery.admitting.discard(recording.id)
            if started is None:
                may_retry = refused is None or refused.retry_after is not None
                # Where something broke, nobody knows whether it had been let in.
                retries.refused(recording, may_retry=may_retry, is_marked=begun is not None or refused is None)
        await self._until_answered(exchange, started, recording)
        return None

    async def _exchange(self, read: Callable[[], Request], id_: UUID, *, mark: Mark | None) -> Exchange | Verdict:
        gateway = self.gateway
        try:
            request = read()
            model = await _model_for(request, self.caller, gateway)
            if isinstance(model, Verdict):
                return model
            self.client.told = lifecycle_headers(model, portal_url=gateway.settings.portal_url)
            call = await _understood(gateway, self.caller, request, self.headers, model=model, id_=id_, mark=mark)
            if isinstance(call, Verdict):
                return call
            is_openai = self.client.surface is OPENAI
            if (request.service_tier is not None and not self.caller.line) if is_openai else self.caller.line:
                self.client.rewrite = TierEcho(ServiceTier(call.service_tier))
            return Exchange(call, request, self.client, gateway.servers, gateway.settler, gateway.releaser)
        except FieldRefused as refused:
            return refused.verdict

    async def _until_answered(self, exchange: Exchange, task: asyncio.Task[None], recording: Recording) -> None:
        """The server says `http.disconnect` when the client hangs up, and also once the answer is complete.

        It cancels this task when it has waited long enough for its own stop: the client then still gets an end.
        """
        try:
            while (await self.receive())["type"] != "http.disconnect":
                pass
            self.gateway.retries.left(recording)  # Does nothing where forwarding has ended.
        except asyncio.CancelledError:
            exchange.hang_up()
        await (task if task.done() else asyncio.shield(task))


async def _understood(
    gateway: Gateway,
    caller: Caller,
    request: Request,
    headers: Headers,
    *,
    model: ModelFacts,
    id_: UUID,
    mark: Mark | None,
) -> Call | Verdict:
    """Raises `FieldRefused`."""
    attributed = await attribute(caller, request, headers, gateway.facts)
    if isinstance(attributed, Verdict):
        return attributed
    return await _admitted(gateway, attributed, request, model, id_=id_, mark=mark)


async def _model_for(request: Request, caller: Caller, gateway: Gateway) -> ModelFacts | Verdict:
    model = await find_model(request.model, caller=caller, facts=gateway.facts)
    if isinstance(model, Verdict):
        return model
    return refuse_unless_callable(model, kind=request.kind) or model


async def _admitted(
    gateway: Gateway, caller: Caller, request: Request, model: ModelFacts, *, id_: UUID, mark: Mark | None
) -> Call | Verdict:
    """Raises `FieldRefused`."""
    tier = ServiceTier.BATCH if caller.line else tier_of(request.service_tier)
    if isinstance(tier, Verdict):
        return tier
    price = price_in_force(model, organization=caller.organization.id, at=time.time())
    if price is None:
        return Verdict(Refusal.MODEL_PAUSED, f"The model '{model.slug}' has no price in force.", param="model")
    prices = prices_at(tier, price, model)
    if isinstance(prices, Verdict):
        return prices
    if gateway.settler.is_exhausted:
        return JOURNAL_FULL
    most = estimate(
        request.measured(model), request.prompt_bytes, output_tokens=request.most_output(model), model=model
    )
    hold = hold_of(most, prices)
    portal_url = gateway.settings.portal_url
    gateway.recovery.admitting.add(id_)
    try:
        reservation = await admit(
            id_, hold, most, caller=caller, model=model, redis=gateway.redis, portal_url=portal_url, mark=mark
        )
    except RedisDown:
        gateway.releaser.abandon(caller.organization.id, id_)
        raise
    if reservation is NOT_PUBLISHED_YET:
        gateway.facts.need(wallet_at(caller.organization.id))
    if not isinstance(reservation, Reservation):
        return reservation
    return Call(id_, caller, model, price, reservation, request.is_stream, tier)
