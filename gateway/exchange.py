"""One admitted call from forwarding to release, in a task that the gateway owns: a client that hangs up ends the
forwarding, never the settlement.
"""

import asyncio
import time
from dataclasses import dataclass

from core.money import micros_up
from core.usage import TokenCounts
from core.usage_event import Outcome, UsageEvent
from core.verdict import Refusal, Verdict
from core.wire import UpstreamFacts
from gateway import log
from gateway.call import Call
from gateway.client import Client
from gateway.cost import cost_header, with_cost
from gateway.dialects.dialect import Forwarded, Reading, Request
from gateway.dialects.fields import FieldRefused
from gateway.refusals import RawHeaders
from gateway.release import Releaser
from gateway.settle import Settler
from gateway.sse import Frames, FrameTooLarge
from gateway.upstream import UpstreamFailed, UpstreamSlow
from gateway.upstream_refusal import judge, none_left
from gateway.upstreams.servers import NoUpstream, Reached, Servers

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
    _upstream: UpstreamFacts | None = None
    _sent: Forwarded | None = None
    _task: asyncio.Task[None] | None = None
    _is_forwarding: bool = False
    _has_shown: bool = False
    _cut_by: Verdict | None = None

    @property
    def _reading(self) -> Reading:
        assert self._sent is not None
        return self._sent.reading

    @property
    def _has_delivered(self) -> bool:
        """Whether the client got a token: keep-alives and the frames before the first one are free."""
        return self.client.has_started and self._has_shown and self._reading.counts().total_output > 0

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
        """Whether a stream has been silent since `instant` (monotonic), also before its first frame."""
        heard = self.client.last_sent or self.call.started
        return self._is_forwarding and self.request.is_stream and heard < instant and not self.client.is_sending

    async def keep_alive(self) -> None:
        """The first one begins the answer: from then on a failure is told inside the stream."""
        if self._is_forwarding:
            await self.client.stream(self.client.surface.keep_alive, self._headers())

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
            model, request = self.call.model, self.request
            async with self.servers.reach(model, request, began=self._began, may_retry=self._may_retry) as reached:
                return await self._relay(reached)
        except asyncio.CancelledError:
            assert self._task is not None
            self._task.uncancel()
            return self._was_cut(self._cut_by or CUT)
        except (NoUpstream, FieldRefused, UpstreamFailed, FrameTooLarge, ValueError) as error:
            return self._failed(_refusal_for(error, has_begun=self.client.has_started))
        except Exception as error:  # noqa: BLE001 - A bug must not keep the hold, nor answer HTML.
            log.line("exchange.BUG", request=self.client.request_id, error=repr(error))
            return self._failed(BROKEN)
        finally:
            self._is_forwarding = False

    def _began(self, upstream: UpstreamFacts, sent: Forwarded) -> None:
        self._upstream, self._sent = upstream, sent

    def _may_retry(self) -> bool:
        return not self.client.has_started

    def _was_cut(self, reason: Verdict) -> _Ending:
        """Who hangs up is charged what was generated; whom we cut off only what was delivered.

        A batch's line that breaks off will be tried again under the same event, which is charged once: not now.
        """
        is_ours = reason is not CUT or self.call.caller.line is not None
        is_free = self._sent is None or (is_ours and not self._has_delivered)
        return _Ending(None if is_free else Outcome.ABORTED, reason)

    def _failed(self, refusal: Verdict) -> _Ending:
        """Before the first token a failure is free; afterwards what was delivered is charged."""
        return _Ending(Outcome.UPSTREAM_FAILED if self._has_delivered else None, refusal)

    async def _relay(self, reached: Reached) -> _Ending:
        answer = reached.answer
        if answer.status != 200:  # noqa: PLR2004
            return _Ending(None, self._judged(answer.status, await answer.whole(), reached.retry_after))
        if self.request.is_stream:
            return await self._relay_stream(reached)
        body = self._reading.whole(await answer.whole())
        return _Ending(Outcome.COMPLETED, body=body)

    def _judged(self, status: int, body: bytes, retry_after: float) -> Verdict:
        assert self._sent is not None
        return judge(status, body, renamed=self._sent.renamed, retry_after=retry_after)

    async def _relay_stream(self, reached: Reached) -> _Ending:
        frames = Frames()
        headers = self._headers()
        async for data in reached.answer.chunks():
            shown = b"".join([self._reading.frame(frame) for frame in frames.feed(data)])
            if shown:
                self._has_shown = True
                self.call.has_begun_to_answer()
                await self.client.stream(shown, headers)
            if self._reading.has_failed:
                reached.broke("an error inside the stream")
                return self._failed(self._reading.failed or UNUSABLE)
            if self._reading.is_complete:
                return _Ending(Outcome.COMPLETED)
        reached.broke("a stream without its end")
        return self._failed(UNUSABLE)

    async def _finish_uncharged(self, ending: _Ending) -> None:
        self.releaser.release(self.call, None, TokenCounts())
        if self.client.has_started and ending.refusal is not None:
            await self.client.end(self._reading.failure(ending.refusal))
        elif ending.refusal is not None:
            await self.client.refuse(ending.refusal, self._headers())
        self._log(None)

    async def _finish_charged(self, ending: _Ending, outcome: Outcome) -> None:
        counts = self._reading.counts()
        self.call.was_served(self._reading.service_tier)
        event = self.call.event(counts, outcome, is_estimated=self._reading.is_estimated)
        wallet = await self.settler.settle(event, counters=self.call.reservation.counters)
        if wallet is None:
            self.releaser.keep(self.call, event)
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
            await self._end_stream(event)
        else:
            await self.client.give([*self._headers(), cost_header(event)], with_cost(ending.body, event))

    async def _end_stream(self, event: UsageEvent) -> None:
        if not self.client.has_started:
            await self.client.stream(b"", self._headers())
        await self.client.end(with_cost(self._reading.last_frames(), event))

    def _headers(self) -> RawHeaders:
        return self.client.surface.limits(self.call.reservation)

    def _log(self, event: UsageEvent | None) -> None:
        log.frequent(
            "request",
            request=self.client.request_id,
            key=self.call.caller.key.key_id,
            organization=self.call.organization,
            model=self.call.model.slug,
            upstream=self._upstream and self._upstream.name,
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


def _refusal_for(error: Exception, *, has_begun: bool) -> Verdict:
    if isinstance(error, NoUpstream):
        return none_left(error.seconds)
    if isinstance(error, FieldRefused):
        return error.verdict
    if isinstance(error, UpstreamSlow):
        return SLOW
    return DOWN if isinstance(error, UpstreamFailed) and not has_begun else UNUSABLE
