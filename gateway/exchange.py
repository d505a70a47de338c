"""One admitted call from forwarding to release, in a task that the gateway owns: a client that hangs up ends the
forwarding, never the settlement.
"""

import asyncio
import time
from dataclasses import dataclass, field

from core.money import decimal_of_picos, micros_up
from core.usage import TokenCounts
from core.usage_event import Outcome, UsageEvent
from core.verdict import Refusal, Verdict
from core.wire import UpstreamFacts
from gateway import log
from gateway.call import Call
from gateway.client import Client
from gateway.dialects.dialect import Forwarded, Reading, Request
from gateway.refusals import RawHeaders
from gateway.release import Releaser
from gateway.settle import Settler
from gateway.sse import Frames, FrameTooLarge
from gateway.upstream import UpstreamAnswer, UpstreamFailed, UpstreamSlow
from gateway.upstream_refusal import judge
from gateway.upstreams.installation import upstreams_of
from gateway.upstreams.servers import Servers

UNUSABLE = Verdict(Refusal.UPSTREAM_UNAVAILABLE, "The model server broke off its answer.", retry_after=1)
SLOW = Verdict(Refusal.UPSTREAM_TIMEOUT, "The model server did not answer in time.", retry_after=1)
DOWN = Verdict(Refusal.UPSTREAM_UNAVAILABLE, "The model server can't be reached.", retry_after=1)
CUT = Verdict(Refusal.UNAVAILABLE, "The gateway ended this answer.", retry_after=1)
BROKEN = Verdict(Refusal.UNAVAILABLE, "Something went wrong in the gateway. Nothing was charged.", retry_after=1)


@dataclass(slots=True)
class _Ending:
    """How forwarding ended. Without an outcome nothing is charged, and the client gets the refusal."""

    outcome: Outcome | None
    refusal: Verdict | None = None
    body: bytes = b""


@dataclass(slots=True, eq=False)
class Exchange:
    call: Call
    request: Request
    client: Client
    servers: Servers
    settler: Settler
    releaser: Releaser
    outcome: Outcome | None = None  # what was charged, once it has ended
    _upstream: UpstreamFacts = field(init=False)
    _sent: Forwarded = field(init=False)
    _task: asyncio.Task[None] | None = None
    _is_forwarding: bool = False
    _cut_by: Verdict | None = None

    def __post_init__(self) -> None:
        self._upstream = upstreams_of(self.call.model)[0]
        self._sent = self.request.forward(self.call.model, self._upstream)

    @property
    def _reading(self) -> Reading:
        return self._sent.reading

    def start(self) -> asyncio.Task[None]:
        self._task = asyncio.create_task(self._run())
        return self._task

    def hang_up(self, reason: Verdict = CUT) -> None:
        """The client, the gateway or the key is no more: cancel the model server's work, charge what was done."""
        self._cut_by = self._cut_by or reason
        if self._is_forwarding and self._task is not None:
            self._is_forwarding = False
            self._task.cancel()

    def is_idle_since(self, instant: float) -> bool:
        return self._is_forwarding and 0 < self.client.last_sent < instant and not self.client.is_sending

    async def keep_alive(self) -> None:
        await self.client.stream(self.client.surface.keep_alive, [])

    async def _run(self) -> None:
        ending = _Ending(None, self._cut_by) if self._cut_by else await self._forward()
        if ending.outcome is None:
            await self._finish_uncharged(ending)
        else:
            await self._finish_charged(ending, ending.outcome)
        self.outcome = ending.outcome

    async def _forward(self) -> _Ending:
        self._is_forwarding = True
        try:
            async with self.servers.open(self._upstream, self._sent) as answer:
                return await self._relay(answer)
        except asyncio.CancelledError:
            assert self._task is not None
            self._task.uncancel()
            return self._was_cut(self._cut_by or CUT)
        except UpstreamSlow:
            return self._failed(SLOW)
        except UpstreamFailed:
            return self._failed(UNUSABLE if self.client.has_started else DOWN)
        except (FrameTooLarge, ValueError):
            return self._failed(UNUSABLE)
        except Exception as error:  # noqa: BLE001 - A bug must not keep the hold, nor answer HTML.
            log.line("exchange.BUG", request=self.client.request_id, error=repr(error))
            return self._failed(BROKEN)
        finally:
            self._is_forwarding = False

    def _was_cut(self, reason: Verdict) -> _Ending:
        """Who hangs up is charged what was generated; whom we cut off only what was delivered."""
        is_ours = reason is not CUT
        return _Ending(None if is_ours and not self.client.has_started else Outcome.ABORTED, reason)

    def _failed(self, refusal: Verdict) -> _Ending:
        """Before the first byte a failure is free; afterwards what was delivered is charged."""
        return _Ending(Outcome.UPSTREAM_FAILED if self.client.has_started else None, refusal)

    async def _relay(self, answer: UpstreamAnswer) -> _Ending:
        if answer.status != 200:  # noqa: PLR2004
            return _Ending(None, judge(answer.status, await answer.whole(), renamed=self._sent.renamed))
        if self.request.is_stream:
            return await self._relay_stream(answer)
        body = self._reading.whole(await answer.whole())
        return _Ending(Outcome.COMPLETED, body=body)

    async def _relay_stream(self, answer: UpstreamAnswer) -> _Ending:
        frames = Frames()
        headers = self._headers()
        async for data in answer.chunks():
            shown = b"".join([self._reading.frame(frame) for frame in frames.feed(data)])
            if shown:
                self.call.has_begun_to_answer()
                await self.client.stream(shown, headers)
            if self._reading.has_failed:
                return self._failed(self._reading.failed or UNUSABLE)
            if self._reading.is_complete:
                return _Ending(Outcome.COMPLETED)
        return self._failed(UNUSABLE)

    async def _finish_uncharged(self, ending: _Ending) -> None:
        self.releaser.release(self.call, None, TokenCounts())
        if ending.refusal is not None:
            await self.client.refuse(ending.refusal, self._headers())
        self._log(None)

    async def _finish_charged(self, ending: _Ending, outcome: Outcome) -> None:
        counts = self._reading.counts()
        event = self.call.event(counts, outcome, is_estimated=self._reading.is_estimated)
        wallet = await self.settler.settle(event)
        if wallet is None:
            self.releaser.keep(event)
        else:
            self.releaser.release(self.call, wallet, counts)
        await self._last_bytes(ending, event)
        self._log(event)
        if micros_up(event.amount) > self.call.reservation.hold:
            log.line("exchange.HOLD_EXCEEDED: the model server used more than it was asked to", usage_event=event.id)

    async def _last_bytes(self, ending: _Ending, event: UsageEvent) -> None:
        if ending.refusal is not None:
            if self.client.has_started:
                await self.client.end(self._reading.failure(ending.refusal))
            else:
                await self.client.refuse(ending.refusal)
        elif self.request.is_stream:
            await self._end_stream()
        else:
            await self.client.answer(200, [*self._headers(), _cost(event)], ending.body)

    async def _end_stream(self) -> None:
        if not self.client.has_started:
            await self.client.stream(b"", self._headers())
        await self.client.end(self._reading.last_frames())

    def _headers(self) -> RawHeaders:
        return self.client.surface.limits(self.call.reservation)

    def _log(self, event: UsageEvent | None) -> None:
        log.line(
            "request",
            request=self.client.request_id,
            key=self.call.caller.key.key_id,
            organization=self.call.organization,
            model=self.call.model.slug,
            status=self.client.status or None,
            outcome=event and event.outcome,
            is_stream=self.call.is_stream,
            is_estimated=event and event.is_estimated,
            input=event and event.counts.total_input,
            output=event and event.counts.total_output,
            amount_picos=event and event.amount,
            hold_micros=self.call.reservation.hold,
            ms=round((time.monotonic() - self.call.started) * 1000),
        )


def _cost(event: UsageEvent) -> tuple[bytes, bytes]:
    """Exact, in the price's currency: the event is settled by now."""
    return b"x-request-cost", f"{decimal_of_picos(event.amount).normalize():f}".encode()
