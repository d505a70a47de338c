"""The model servers: one request is posted to one of them after the other, until one answers."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from core.wire import ModelFacts, UpstreamFacts
from gateway.dialects.dialect import Forwarded, Request
from gateway.dialects.fields import FieldRefused
from gateway.http_client.client import HttpClient
from gateway.settings import Settings
from gateway.sse import FrameTooLarge
from gateway.upstream import Post, UpstreamAnswer, UpstreamClient, UpstreamDown, UpstreamFailed, UpstreamSlow
from gateway.upstreams.choice import choose, seconds_until_one_is_able
from gateway.upstreams.credentials import credential_headers, credential_of
from gateway.upstreams.health import Board, Health
from gateway.upstreams.installation import is_default, upstreams_of
from gateway.upstreams.retry import (
    BUSY,
    DEFAULT_BUSY,
    MOST_ATTEMPTS,
    RETRIED,
    SECONDS,
    is_failure,
    is_retried,
    seconds_asked_for,
)

HEADERS = {"content-type": "application/json", "accept-encoding": "identity"}


class NoUpstream(Exception):
    """None can take the request now. `seconds` says when one may; None where an operator must act."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__(f"No upstream for {seconds} seconds.")
        self.seconds = seconds


@dataclass(slots=True)
class Plan:
    """One call's way through the upstreams of its model."""

    model: ModelFacts
    request: Request
    left: list[Health]
    began: Callable[[UpstreamFacts, Forwarded], None]  # told before each attempt
    may_retry: Callable[[], bool]
    until: float
    attempts: int = 0
    opened: AbstractAsyncContextManager[UpstreamAnswer] | None = None  # the request whose answer is being read

    async def let_go(self) -> None:
        """Of the connection, which is closed where the answer goes on."""
        opened, self.opened = self.opened, None
        if opened is not None:
            await opened.__aexit__(None, None, None)


@dataclass(slots=True)
class Reached:
    """An upstream's answer. Who finds it broken says so, for the upstream's health."""

    answer: UpstreamAnswer
    health: Health
    is_probe: bool
    retry_after: float  # seconds until it may be asked again, at least one
    is_whole: bool = False
    why: str = ""

    def broke(self, why: str) -> None:
        self.why = why


class Servers:
    """Made inside a running event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: UpstreamClient = HttpClient(most_connections=settings.upstream_connections)
        self.board = Board()

    @asynccontextmanager
    async def reach(
        self,
        model: ModelFacts,
        request: Request,
        *,
        began: Callable[[UpstreamFacts, Forwarded], None],
        may_retry: Callable[[], bool],
    ) -> AsyncIterator[Reached]:
        """Raises `NoUpstream`, `FieldRefused` where none can be told what is asked, or why the last one failed."""
        known = self.board.all_of(model.slug, upstreams_of(model))
        plan = Plan(model, request, known, began, may_retry, self.board.clock() + SECONDS)
        try:
            reached = await self._first_answer(plan)
            try:
                yield reached
                reached.is_whole = True
            except (UpstreamFailed, FrameTooLarge, ValueError) as failed:
                reached.broke(str(failed) or type(failed).__name__)
                raise
            finally:
                self._judge_end(reached)
        finally:
            await plan.let_go()

    async def close(self) -> None:
        await self._client.close()

    async def _first_answer(self, plan: Plan) -> Reached:
        candidate = self._next(plan)
        if candidate is None:
            raise NoUpstream(seconds_until_one_is_able(plan.left, now=self.board.clock()))
        while True:
            health, sent = candidate
            try:
                reached = await self._attempt(plan, health, sent)
            except UpstreamFailed as failed:
                candidate = self._next(plan) if is_retried(failed) else None
                if candidate is None:
                    raise
                continue
            candidate = self._next(plan) if reached.answer.status in RETRIED else None
            if candidate is None:
                return reached
            await plan.let_go()
            self._judge_end(reached)

    def _next(self, plan: Plan) -> tuple[Health, Forwarded] | None:
        """Take one from `plan.left` that can be told what is asked. Raises `FieldRefused` where none can."""
        refused: FieldRefused | None = None
        now = self.board.clock()
        while plan.attempts == 0 or (plan.attempts < MOST_ATTEMPTS and now < plan.until and plan.may_retry()):
            health = choose(self._with_credential(plan.left), now=now, dice=self.board.dice)
            if health is None:
                break
            plan.left = [other for other in plan.left if other is not health]
            try:
                return health, plan.request.forward(plan.model, health.upstream)
            except FieldRefused as error:
                refused = error
        if refused is not None and plan.attempts == 0 and not plan.left:
            raise refused
        return None

    def _with_credential(self, candidates: list[Health]) -> list[Health]:
        for health in candidates:
            health.has_credential(self._secret(health.upstream) is not None)
        return candidates

    async def _attempt(self, plan: Plan, health: Health, sent: Forwarded) -> Reached:
        plan.attempts += 1
        plan.began(health.upstream, sent)
        is_probe = health.circuit.sent()
        health.requests += 1
        health.in_flight += 1
        try:
            answer = await self._answer(self._post(health.upstream, sent), plan)
        except BaseException as error:
            health.in_flight -= 1
            if isinstance(error, (UpstreamDown, UpstreamSlow)):
                health.failed(str(error), now=self.board.clock())
            else:  # The client hung up, or our own connections were all in use: nothing was learnt.
                health.circuit.left(is_probe=is_probe)
            raise
        self._judge_head(health, answer, is_probe=is_probe)
        return Reached(answer, health, is_probe, max(1.0, health.circuit.waits(self.board.clock())))

    async def _answer(self, post: Post, plan: Plan) -> UpstreamAnswer:
        """A kept connection that broke was closed by the server as the request was on its way: once more."""
        try:
            return await self._opened(post, plan)
        except UpstreamDown as down:
            if not down.was_kept:
                raise
        return await self._opened(post, plan)

    async def _opened(self, post: Post, plan: Plan) -> UpstreamAnswer:
        opened = self._client.open(post)
        answer = await opened.__aenter__()
        plan.opened = opened
        return answer

    def _judge_head(self, health: Health, answer: UpstreamAnswer, *, is_probe: bool) -> None:
        now, seconds = self.board.clock(), seconds_asked_for(answer)
        if answer.status == BUSY:
            health.circuit.busy(now, DEFAULT_BUSY if seconds is None else seconds)
            health.circuit.left(is_probe=is_probe)
        elif is_failure(answer.status):
            health.failed(f"status {answer.status}", now=now)
            health.circuit.busy(now, seconds or 0.0)
        else:
            health.circuit.answered(is_probe=is_probe)

    def _judge_end(self, reached: Reached) -> None:
        """A client that hung up says nothing about the upstream, nor does a status that was judged already."""
        health, status = reached.health, reached.answer.status
        health.in_flight -= 1
        if status == BUSY or is_failure(status):
            return
        if reached.why:
            health.failed(reached.why, now=self.board.clock())
        elif reached.is_whole:
            health.circuit.ended_well(self.board.clock())

    def _secret(self, upstream: UpstreamFacts) -> str | None:
        settings = self._settings
        return credential_of(upstream, keys=settings.upstream_keys, default=settings.model_server_key)

    def _post(self, upstream: UpstreamFacts, sent: Forwarded) -> Post:
        settings = self._settings
        return Post(
            (upstream.url or settings.model_server_url) + sent.path,
            {**HEADERS, **sent.headers, **credential_headers(upstream.dialect, self._secret(upstream) or "")},
            sent.body,
            upstream.connect_timeout,
            settings.upstream_timeout if is_default(upstream) else upstream.read_timeout,
        )
