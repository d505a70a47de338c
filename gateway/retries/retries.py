"""One generation for all attempts of one request, at whichever gateway they arrive."""

import asyncio
import secrets
import time
from contextlib import aclosing, suppress
from uuid import UUID

from core.usage_event import Outcome
from core.verdict import Refusal, Verdict
from gateway import log
from gateway.admit import Mark
from gateway.call import request_id_of
from gateway.client import Client
from gateway.redis_pipe import RedisDown, RedisPipe
from gateway.release import Releaser
from gateway.request_body import ClientGone, Receive
from gateway.retries.asked import REUSED, Asked
from gateway.retries.borrowing import PULSE_SECONDS, Borrowing, OwnerGone, pulse_of
from gateway.retries.claims import Begin, Claims, Join, OtherBody
from gateway.retries.kept import Kept
from gateway.retries.lending import Lending
from gateway.retries.reading import Missing, parts_of
from gateway.retries.recording import Recording
from gateway.retries.repeating import repeat
from gateway.settings import Settings

EVERY = 1.0
RENEW_AFTER = 20.0
# A claim that changes hands while it is read is asked for again; so often it never does.
MOST_TURNS = 5
UNSETTLED = Verdict(Refusal.UNAVAILABLE, "An earlier attempt of this request is just ending. Try again.", retry_after=1)


class Retries:
    """`gateway` names this process, for as long as it runs."""

    def __init__(self, settings: Settings, redis: RedisPipe, releaser: Releaser) -> None:
        self.gateway = secrets.token_hex(4)
        self._settings = settings
        self._redis = redis
        self._releaser = releaser
        self._kept = Kept()
        self._claims = Claims(redis, self.gateway)
        self._lending = Lending(redis, self._kept, self.left)
        self._borrowing = Borrowing(redis)
        self._has_ended = False

    async def run(self) -> None:
        """Say that this gateway lives, and let go of what is too old, until cancelled."""
        while not self._has_ended:
            self._redis.call("SET", pulse_of(self.gateway), "1", "EX", PULSE_SECONDS).add_done_callback(_seen)
            now = time.monotonic()
            self._kept.sweep(now)
            self._renew(now)
            await asyncio.sleep(EVERY)

    async def listen(self) -> None:
        await self._lending.listen(self._settings.redis_url, self.gateway)

    async def end(self) -> None:
        """Whoever asks for what was here need not wait."""
        self._has_ended = True
        with suppress(RedisDown):
            await self._redis.call("DEL", pulse_of(self.gateway))

    async def begin(self, asked: Asked, id_: UUID, client: Client, receive: Receive) -> Recording | Verdict | None:
        """What to generate, or a refusal, or None where the client got an earlier attempt's answer.

        Raises `RedisDown` and `ClientGone`.
        """
        own = self.record(asked, id_)  # Before the claim: who joins at once must find it.
        try:
            begun = await self._turns(asked, id_, client, receive)
        except BaseException:
            self._kept.forget(own)
            raise
        if isinstance(begun, Begin) and begun.id == id_:
            return own
        self._kept.forget(own)
        return self._taken_over(asked, begun.id) if isinstance(begun, Begin) else begun

    def mark(self, asked: Asked, id_: UUID) -> Mark:
        """What the first attempt's admission leaves, so that others can join it; `record` it before."""
        return self._claims.mark(asked, id_)

    def record(self, asked: Asked, id_: UUID) -> Recording:
        recording = Recording(id_, asked)
        self._kept.add(recording)
        return recording

    def refused(self, recording: Recording, *, may_retry: bool, is_marked: bool = True) -> None:
        """It ended before anything was generated; a retry of it is a request like any other."""
        asked = recording.asked
        self._kept.forget(recording)
        if is_marked:
            self._claims.drop(asked, recording.id, was_refused=may_retry)
        elif may_retry and asked.may_come_again:
            self._claims.drop(asked, None, was_refused=True)

    def ended(self, recording: Recording, outcome: Outcome | None) -> None:
        """Only what was answered in full is repeated."""
        recording.cancel = None
        if outcome == Outcome.COMPLETED:
            self._kept.end(recording)
            self._claims.answered(recording.asked)
        else:
            self.refused(recording, may_retry=True)

    def left(self, recording: Recording) -> None:
        """A client has hung up. The last one ends the generation: at once, or after the grace for its retry."""
        recording.watchers -= 1
        if recording.watchers > 0 or recording.is_over or recording.cancel is None:
            return
        if recording.has_started or not recording.asked.may_come_again:
            recording.cancel()
            return
        self._claims.lost(recording.asked, Join(recording.id, self.gateway))
        asyncio.get_running_loop().call_later(self._settings.retry_grace, self._cancel_unless_watched, recording)

    def _cancel_unless_watched(self, recording: Recording) -> None:
        if recording.watchers <= 0 and recording.cancel is not None:
            recording.cancel()

    async def _turns(self, asked: Asked, id_: UUID, client: Client, receive: Receive) -> Begin | Verdict | None:
        for _ in range(MOST_TURNS):
            found = await self._claims.claim(asked, id_)
            match found:
                case Begin():
                    return found
                case OtherBody(id=earlier):
                    message = REUSED.format(request_id_of(earlier))
                    return Verdict(Refusal.IDEMPOTENCY_KEY_REUSED, message, param="Idempotency-Key")
                case Join():
                    ended = await self._joined(asked, found, client, receive)
            if not isinstance(ended, Missing) or client.has_started:
                return None if isinstance(ended, Missing) else ended
            if ended.was_answered:
                return _not_kept(found.id, self._settings.portal_url)
            self._claims.drop(asked, found.id, was_refused=False, gateway=found.gateway)
        return UNSETTLED

    async def _joined(self, asked: Asked, join: Join, client: Client, receive: Receive) -> Begin | Missing | None:
        """Repeat the earlier attempt's answer, or carry on for a gateway that died before it had begun to answer."""
        client.request_id = request_id_of(join.id)
        try:
            missing = await self._repeated(asked, join, client, receive)
        except OwnerGone:
            if client.has_started:
                return None  # The connection is broken off, as by the gateway that died.
            return Begin(join.id) if await self._claims.take_over(asked, join) else Missing(was_answered=False)
        except ClientGone:
            self._claims.lost(asked, join)
            raise
        if missing is None:
            self._claims.joined(asked, join.id)
            log.line("request.joined", request=client.request_id, level=asked.level, status=client.status)
        return missing

    async def _repeated(self, asked: Asked, join: Join, client: Client, receive: Receive) -> Missing | None:
        if join.gateway != self.gateway:
            async with aclosing(self._borrowing.parts(asked, join)) as parts:
                return await repeat(parts, client, receive)
        recording = self._kept.find(join.id)
        if recording is None:
            return Missing(was_answered=False)
        recording.watchers += 1
        try:
            return await repeat(parts_of(recording), client, receive)
        finally:
            self.left(recording)

    def _taken_over(self, asked: Asked, id_: UUID) -> Recording:
        """Under the same id, so that at most one of the two is ever charged; its old hold would stand in the way."""
        self._releaser.abandon(asked.organization, id_)
        log.line("request.taken_over", request=request_id_of(id_))
        return self.record(asked, id_)

    def _renew(self, now: float) -> None:
        for recording in self._kept.running:
            if now - recording.renewed_at > RENEW_AFTER:
                recording.renewed_at = now
                self._claims.renew(recording.asked)


def _not_kept(id_: UUID, portal_url: str) -> Verdict:
    request = request_id_of(id_)
    message = (
        f"This request was answered before, as {request}, and charged once. Its answer is no longer kept. "
        f"Receipt: GET /v1/requests/{request}/receipt, or {portal_url}/usage/"
    )
    return Verdict(Refusal.ANSWER_NOT_KEPT, message)


def _seen(done: "asyncio.Future[object]") -> None:
    if not done.cancelled():
        done.exception()
