"""The admission script against a real Redis: everything or nothing, in one round trip."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
import redis as redis_client
from django.conf import settings

from core import wire
from core.ids import uuid7
from core.usage import TokenCounts
from core.usage_event import Outcome
from core.verdict import Refusal, Verdict
from core.wire import RateLimits
from gateway.admit import Mark, Reservation, admit
from gateway.call import Call
from gateway.estimate import Estimate
from gateway.identify import Caller
from gateway.redis_connect import pipe_to
from gateway.redis_pipe import RedisPipe
from gateway.release import Releaser, Wallet
from tests.gateway.published import PRICE, SPARK, Account, Publisher, new_account
from tests.gateway.serving import until

TINY = Estimate(input_tokens=10, most_input_tokens=10, output_tokens=10, has_media=False)


@pytest.fixture
async def pipe(redis: redis_client.Redis) -> AsyncIterator[RedisPipe]:
    pipe = pipe_to(settings.REDIS_URL)
    running = asyncio.create_task(pipe.run())
    await until(lambda: pipe.is_ready)
    yield pipe
    running.cancel()
    await asyncio.wait([running])


@dataclass
class Desk:
    """One organization at the toll booth."""

    account: Account
    pipe: RedisPipe
    redis: redis_client.Redis

    async def ask(self, hold: int = 0, most: Estimate = TINY, *, id_: UUID | None = None) -> Reservation | Verdict:
        caller = Caller(self.account.key, self.account.organization)
        return await admit(
            id_ or uuid7(), hold, most, caller=caller, model=SPARK, redis=self.pipe, portal_url="http://portal"
        )

    async def code(self, hold: int = 0, most: Estimate = TINY) -> Refusal | None:
        answer = await self.ask(hold, most)
        return answer.code if isinstance(answer, Verdict) else None

    def state(self) -> dict[str, object]:
        """Everything that belongs to the organization, but for the instants."""
        tag = f"{{{self.account.id}}}"
        rates = self.redis.hgetall(f"{tag}:rates")
        amounts = self.redis.hgetall(f"{tag}:amounts")
        return {
            "amounts": {name: value for name, value in dict(amounts).items() if name != "until"},
            "holds": self.redis.zrange(f"{tag}:holds", 0, -1),
            "rates": {name: value for name, value in dict(rates).items() if name != "at"},
        }


def desk(pipe: RedisPipe, redis: redis_client.Redis, limits: RateLimits, micros: int = 1_000) -> Desk:
    return Desk(Publisher(redis).account(new_account(limits=limits), micros=micros), pipe, redis)


async def test_the_balance_counts_what_is_held(pipe: RedisPipe, redis: redis_client.Redis) -> None:
    at = desk(pipe, redis, RateLimits())

    assert await at.code(600) is None
    assert await at.code(401) == Refusal.CREDIT_RESERVED
    assert await at.code(400) is None
    assert await at.code(1) == Refusal.CREDIT_RESERVED
    assert await at.code(1_001) == Refusal.CREDIT_EXHAUSTED
    assert await at.code(0) is None


async def test_a_debt_admits_only_what_is_free(pipe: RedisPipe, redis: redis_client.Redis) -> None:
    at = desk(pipe, redis, RateLimits(), micros=-1)

    assert await at.code(0) == Refusal.CREDIT_EXHAUSTED


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (RateLimits(requests_per_minute=2), Refusal.REQUESTS_PER_MINUTE),
        (RateLimits(input_tokens_per_minute=25), Refusal.INPUT_TOKENS_PER_MINUTE),
        (RateLimits(output_tokens_per_minute=25), Refusal.OUTPUT_TOKENS_PER_MINUTE),
        (RateLimits(concurrent_requests=2), Refusal.CONCURRENT_REQUESTS),
    ],
)
async def test_a_refusal_reserves_nothing(
    pipe: RedisPipe, redis: redis_client.Redis, limits: RateLimits, code: Refusal
) -> None:
    at = desk(pipe, redis, limits)
    await at.ask(1)
    await at.ask(1)
    before = at.state()

    refused = await at.ask(1)

    assert isinstance(refused, Verdict)
    assert refused.code == code
    assert refused.retry_after is not None
    assert 0 < refused.retry_after <= 60
    assert at.state() == before


async def test_a_bucket_drains_with_time(pipe: RedisPipe, redis: redis_client.Redis) -> None:
    at = desk(pipe, redis, RateLimits(requests_per_minute=60))
    for _ in range(60):
        await at.ask()
    refused = await at.ask()
    assert isinstance(refused, Verdict)
    assert refused.retry_after == pytest.approx(1, abs=0.2)

    redis.hincrby(f"{{{at.account.id}}}:rates", "at", -2_000)

    assert [await at.code() for _ in range(3)] == [None, None, Refusal.REQUESTS_PER_MINUTE]


async def test_what_can_never_pass_is_not_told_to_wait(pipe: RedisPipe, redis: redis_client.Redis) -> None:
    at = desk(pipe, redis, RateLimits(input_tokens_per_minute=9))
    none_at_all = desk(pipe, redis, RateLimits(requests_per_minute=0))

    for place in (at, none_at_all):
        refused = await place.ask()
        assert isinstance(refused, Verdict)
        assert (refused.code, refused.retry_after) == (Refusal.REQUEST_EXCEEDS_LIMIT, None)


async def test_an_answer_that_may_be_longer_than_a_minutes_tokens_takes_the_minute(
    pipe: RedisPipe, redis: redis_client.Redis
) -> None:
    at = desk(pipe, redis, RateLimits(output_tokens_per_minute=100))

    first = await at.ask(most=replace(TINY, output_tokens=8_192))

    assert isinstance(first, Reservation)
    assert (first.output_tokens, first.output_room.left) == (100, 0)
    assert await at.code() == Refusal.OUTPUT_TOKENS_PER_MINUTE


async def test_fifty_at_once_are_admitted_as_far_as_the_balance_goes(
    pipe: RedisPipe, redis: redis_client.Redis
) -> None:
    at = desk(pipe, redis, RateLimits())

    answers = await asyncio.gather(*(at.code(70) for _ in range(50)))

    assert answers.count(None) == 1_000 // 70


async def test_a_hold_that_nobody_renews_expires(pipe: RedisPipe, redis: redis_client.Redis) -> None:
    at = desk(pipe, redis, RateLimits(concurrent_requests=1))
    await at.ask(1_000)

    redis.zadd(f"{{{at.account.id}}}:holds", {at.state()["holds"][0]: 1})  # type: ignore[index]

    assert await at.code(1_000) is None


async def test_no_wallet_is_a_fact_not_yet_published(pipe: RedisPipe, redis: redis_client.Redis) -> None:
    at = desk(pipe, redis, RateLimits())
    redis.delete(wire.wallet_at(at.account.id))

    refused = await at.ask()

    assert isinstance(refused, Verdict)
    assert (refused.code, refused.retry_after) == (Refusal.UNAVAILABLE, 1)


async def test_a_forgotten_script_is_sent_again(pipe: RedisPipe, redis: redis_client.Redis) -> None:
    at = desk(pipe, redis, RateLimits())
    redis.script_flush()

    assert await at.code(1) is None


@dataclass
class Held:
    at: Desk
    releaser: Releaser
    call: Call


@pytest.fixture
async def held(pipe: RedisPipe, redis: redis_client.Redis) -> Held:
    """An admitted call that holds 900 of 1,000 micro-dollars, 10 input and 10 output tokens."""
    limits = RateLimits(10, 1_000, 1_000, 1)
    at = desk(pipe, redis, limits)
    id_ = uuid7()
    reservation = await at.ask(900, id_=id_)
    assert isinstance(reservation, Reservation)
    caller = Caller(at.account.key, at.account.organization)
    return Held(at, Releaser(pipe), Call(id_, caller, SPARK, PRICE, reservation, is_stream=False))


async def test_release_gives_back_what_was_not_used(held: Held) -> None:
    held.releaser.release(held.call, Wallet(version=4, available=777), TokenCounts(input=4, output=1))

    assert await held.at.code(777) is None
    rates = held.at.state()["rates"]
    assert float(rates["input"]) == pytest.approx(14, abs=1)  # type: ignore[index]
    assert float(rates["output"]) == pytest.approx(11, abs=1)  # type: ignore[index]
    assert held.at.redis.hgetall(wire.wallet_at(held.at.account.id)) == {"version": "4", "available": "777"}


async def test_an_older_wallet_is_not_copied(held: Held) -> None:
    Publisher(held.at.redis).wallet(held.at.account, micros=5, version=9)

    held.releaser.release(held.call, Wallet(version=8, available=777), TokenCounts())

    assert await held.at.code(6) == Refusal.CREDIT_EXHAUSTED


async def test_a_journaled_cost_stays_held_and_takes_no_place(held: Held) -> None:
    event = held.call.event(TokenCounts(output=100), Outcome.COMPLETED, is_estimated=False)

    held.releaser.keep(held.call, event)

    assert await held.at.code(576) == Refusal.CREDIT_RESERVED
    assert await held.at.code(575) is None
    held.releaser.release_replayed(str(held.at.account.id), Wallet(1, 575), [str(event.id)])
    await held.at.pipe.call("PING")
    amounts = held.at.state()["amounts"]
    assert amounts["total"] == "575"  # type: ignore[index]
    assert "kept" not in amounts  # type: ignore[operator]


async def test_a_hold_is_registered_again_in_an_empty_redis(held: Held) -> None:
    before = held.at.state()
    held.at.redis.delete(*(f"{{{held.at.account.id}}}:{name}" for name in ("holds", "amounts")))

    held.releaser.begin(held.call)
    await held.releaser.register()
    held.releaser.renew()

    await held.at.pipe.call("PING")
    after = held.at.state()
    assert (after["holds"], after["amounts"]) == (before["holds"], before["amounts"])


async def test_what_redis_did_not_take_is_sent_again(held: Held) -> None:
    held.at.redis.script_flush()
    held.releaser.release(held.call, Wallet(4, 777), TokenCounts())
    await held.at.pipe.call("PING")
    assert held.at.state()["holds"] == [str(held.call.id)]

    held.releaser.send_again()

    await held.at.pipe.call("PING")
    assert held.at.state()["holds"] == []


async def test_only_what_is_admitted_leaves_a_mark_for_its_retries(pipe: RedisPipe, redis: redis_client.Redis) -> None:
    at = desk(pipe, redis, RateLimits())
    asked = f"{{{at.account.id}}}:asked:digest"
    caller = Caller(at.account.key, at.account.organization)

    async def ask(name: str, hold: int) -> Reservation | Verdict:
        mark = Mark(asked, (name, "gateway", 0, 60_000, 64, "0" * 12))
        return await admit(
            uuid7(), hold, TINY, caller=caller, model=SPARK, redis=at.pipe, portal_url="http://portal", mark=mark
        )

    refused, admitted = await ask("a" * 32, 10**12), await ask("b" * 32, 1)

    assert isinstance(refused, Verdict)
    assert isinstance(admitted, Reservation)
    assert at.redis.hgetall(asked) == {"b" * 32: "gateway:0:"}
    assert 0 < at.redis.pttl(asked) <= 60_000
