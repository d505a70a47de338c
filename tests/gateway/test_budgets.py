"""Spend limits and the limits of a key: what the admission script refuses, and what it says."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import redis as redis_client

from core.budget import Node, Window, window_end, window_start
from core.budget_wire import BudgetFacts, budgets_at, spent_at
from core.ids import uuid7
from core.money import PICOS_PER_MICRO
from core.usage import TokenCounts
from core.usage_event import Outcome
from core.verdict import Refusal, Verdict
from core.wire import EndCustomerFacts, RateLimits
from gateway.admit import Reservation, admit
from gateway.call import Call
from gateway.estimate import Estimate
from gateway.identify import Caller
from gateway.look import look
from gateway.release import Releaser, Wallet
from tests.gateway.clocked_pipe import ClockedPipe
from tests.gateway.published import PRICE, SPARK, Account, Publisher, new_account

NOON = datetime(2026, 2, 28, 12, 0, tzinfo=UTC)  # A Saturday, and a month's last day.
TINY = Estimate(input_tokens=10, most_input_tokens=10, output_tokens=10, has_media=False)
CODES = {
    Node.ORGANIZATION: "organization_spend_limit_exceeded",
    Node.PROJECT: "project_spend_limit_exceeded",
    Node.KEY: "key_spend_limit_exceeded",
    Node.MEMBER: "member_spend_limit_exceeded",
    Node.END_CUSTOMER: "end_customer_spend_limit_exceeded",
    Node.MODEL: "model_spend_limit_exceeded",
}


@dataclass
class Booth:
    """One organization with $1.00, a key, its member and an end customer; micro-dollars everywhere."""

    account: Account
    pipe: ClockedPipe
    publisher: Publisher
    customer: EndCustomerFacts = field(default_factory=lambda: EndCustomerFacts(1, str(uuid7()), "Bolt", "active"))

    @property
    def caller(self) -> Caller:
        return Caller(self.account.key, self.account.organization, end_customer=self.customer)

    @property
    def releaser(self) -> Releaser:
        return Releaser(self.pipe.pipe)

    def id_of(self, node: Node) -> UUID:
        ids = {
            Node.ORGANIZATION: self.account.organization.id,
            Node.PROJECT: self.account.key.project,
            Node.KEY: self.account.key.id,
            Node.MEMBER: self.account.key.member,
            Node.END_CUSTOMER: self.customer.id,
            Node.MODEL: SPARK.id,
        }
        return UUID(ids[node])

    def budget(
        self, node: Node, micros: int, *, window: Window = Window.DAY, spent: int = 0, at: datetime = NOON
    ) -> BudgetFacts:
        start = int(window_start(window, at).timestamp())
        cap, used = micros * PICOS_PER_MICRO, spent * PICOS_PER_MICRO
        return BudgetFacts(uuid7(), node, self.id_of(node), window, cap, start=start, spent=used)

    def publish(self, *budgets: BudgetFacts, version: int = 1) -> None:
        self.publisher.budgets(self.account, *budgets, version=version)

    async def ask(self, hold: int, *, most: Estimate = TINY, id_: UUID | None = None) -> Reservation | Verdict:
        words = {"caller": self.caller, "model": SPARK, "redis": self.pipe.pipe, "portal_url": "http://portal"}
        return await admit(id_ or uuid7(), hold, most, **words)  # type: ignore[arg-type]

    async def code(self, hold: int) -> str | None:
        answer = await self.ask(hold)
        return answer.code.value if isinstance(answer, Verdict) else None

    async def refused(self, hold: int) -> Verdict:
        answer = await self.ask(hold)
        assert isinstance(answer, Verdict)
        return answer

    async def call(self, hold: int) -> Call:
        id_ = uuid7()
        reservation = await self.ask(hold, id_=id_)
        assert isinstance(reservation, Reservation), reservation
        return Call(id_, self.caller, SPARK, PRICE, reservation, is_stream=False)

    def amounts(self) -> dict[Any, Any]:
        """All that is held, but for the instant at which Redis would forget it."""
        stored = self.pipe.redis.hgetall(f"{{{self.account.id}}}:amounts")
        return {name: value for name, value in stored.items() if name != b"until"}


@pytest.fixture
def booth(redis: redis_client.Redis) -> Iterator[Booth]:
    account = new_account()
    account = replace(account, key=replace(account.key, member=str(uuid7())))
    pipe = ClockedPipe(NOON)
    yield Booth(Publisher(redis).account(account, micros=1_000_000), pipe, Publisher(redis))
    pipe.redis.close()


@pytest.mark.parametrize("node", list(Node))
async def test_each_node_refuses_by_its_own_name_and_says_all_about_it(booth: Booth, node: Node) -> None:
    budget = booth.budget(node, 500, spent=401)
    booth.publish(budget)

    refused = await booth.refused(100)

    assert refused.code == CODES[node]
    assert refused.retry_after is None
    assert refused.limit == {
        "node": node.value,
        "id": str(booth.id_of(node)),
        "budget": str(budget.id),
        "window": "day",
        "limit": "0.000500",
        "used": "0.000401",
        "reserved": "0.000000",
        "needed": "0.000100",
        "currency": "USD",
        "resets_at": "2026-03-01T00:00:00Z",
        "url": "http://portal/limits/",
    }
    assert "http://portal/limits/" in refused.message
    assert "2026-03-01T00:00:00Z" in refused.message
    assert await booth.code(99) is None


@pytest.mark.parametrize("window", list(Window))
async def test_a_new_window_begins_empty_in_utc(booth: Booth, window: Window) -> None:
    booth.publish(booth.budget(Node.PROJECT, 500, window=window, spent=500))
    assert await booth.code(1) == CODES[Node.PROJECT]
    end = window_end(window, window_start(window, NOON))
    if end is None:
        booth.pipe.now = NOON + timedelta(days=40_000)
        assert await booth.code(1) == CODES[Node.PROJECT]
        return

    booth.pipe.now = end - timedelta(milliseconds=1)
    assert await booth.code(1) == CODES[Node.PROJECT]
    booth.pipe.now = end

    assert await booth.code(500) is None


async def test_windows_begin_as_the_control_plane_says(booth: Booth) -> None:
    """The script reckons dates by itself: each day of the years 2020-2060, at its first and its last millisecond."""
    booth.publish(
        *(booth.budget(Node.PROJECT, 1_000, window=each, at=datetime(2019, 1, 1, tzinfo=UTC)) for each in Window)
    )
    for day in range(0, 41 * 366, 7):
        for at in (timedelta(days=day), timedelta(days=day + 1, milliseconds=-1)):
            booth.pipe.now = datetime(2020, 1, 1, tzinfo=UTC) + at
            left = await look(booth.caller, booth.pipe.pipe)
            assert left is not None
            for budget in left.budgets:
                assert budget.start == window_start(budget.window, booth.pipe.now).timestamp()


async def test_what_is_in_flight_counts_and_a_second_may_mend_it(booth: Booth) -> None:
    booth.publish(booth.budget(Node.MODEL, 500, spent=100))
    first = await booth.call(300)

    refused = await booth.refused(101)

    assert (refused.code, refused.retry_after) == (Refusal.SPEND_LIMIT_RESERVED, 1)
    assert refused.limit is not None
    assert refused.limit["reserved"] == "0.000300"
    booth.releaser.release(first, None, TokenCounts())
    assert await booth.code(400) is None


async def test_what_no_waiting_mends_is_said_before_what_waiting_does(booth: Booth) -> None:
    booth.publish(booth.budget(Node.ORGANIZATION, 500), booth.budget(Node.MODEL, 200))
    await booth.call(200)
    booth.publish(booth.budget(Node.ORGANIZATION, 500), booth.budget(Node.MODEL, 0), version=2)

    assert await booth.code(400) == CODES[Node.MODEL]


async def test_all_budgets_or_none_are_reserved(booth: Booth) -> None:
    booth.publish(*(booth.budget(node, 500) for node in Node), booth.budget(Node.KEY, 5, window=Window.MONTH))
    await booth.ask(3)
    before = booth.amounts()

    assert await booth.code(6) == CODES[Node.KEY]
    assert await booth.code(3) == "spend_limit_reserved"

    assert booth.amounts() == before
    assert sorted(before.values()).count(b"3") == 8  # seven budgets, and the total


async def test_a_settled_request_moves_its_cost_from_reserved_to_spent(booth: Booth) -> None:
    budget = booth.budget(Node.PROJECT, 500)
    booth.publish(budget)
    call = await booth.call(400)

    counter = f"{budget.id} {budget.start} 2 150"
    booth.releaser.release(call, Wallet(2, 900_000, (counter,)), TokenCounts())

    assert booth.amounts() == {}
    assert (await booth.code(351), await booth.code(350)) == (CODES[Node.PROJECT], None)


async def test_an_older_counter_is_not_written(booth: Booth) -> None:
    budget = booth.budget(Node.PROJECT, 500, spent=300)
    booth.publish(budget, version=7)
    call = await booth.call(1)

    older = (f"{budget.id} {budget.start} 6 100", f"{budget.id} {budget.start - 86_400} 9 1")
    booth.releaser.release(call, Wallet(9, 900_000, older), TokenCounts())

    assert booth.pipe.redis.hget(spent_at(booth.account.id), str(budget.id)) == f"{budget.start} 7 300".encode()


async def test_a_request_is_charged_to_the_window_in_which_it_was_admitted(booth: Booth) -> None:
    booth.publish(booth.budget(Node.KEY, 500))
    booth.pipe.now = datetime(2026, 2, 28, 23, 59, 59, 999_000, tzinfo=UTC)
    call = await booth.call(500)
    booth.pipe.now += timedelta(seconds=2)

    event = call.event(TokenCounts(), Outcome.COMPLETED, is_estimated=False)

    assert event.occurred_at == datetime(2026, 2, 28, 23, 59, 59, 999_000, tzinfo=UTC)
    assert await booth.code(500) is None, "what was reserved yesterday takes nothing from today"


async def test_a_renewed_hold_counts_once_and_in_its_own_window(booth: Booth) -> None:
    booth.publish(booth.budget(Node.KEY, 500))
    call = await booth.call(300)
    before = booth.amounts()
    releaser = booth.releaser
    releaser.begin(call)

    releaser.renew()
    assert booth.amounts() == before
    booth.pipe.redis.delete(f"{{{booth.account.id}}}:amounts", f"{{{booth.account.id}}}:holds")
    await releaser.register()

    assert booth.amounts() == before


async def test_journaled_usage_stays_reserved_at_its_cost(booth: Booth) -> None:
    account = booth.account
    limited = replace(account.key, limits=RateLimits(concurrent_requests=1))
    booth.account = replace(account, key=limited)
    booth.publish(booth.budget(Node.KEY, 500))
    releaser = booth.releaser
    call = await booth.call(300)
    event = replace(call.event(TokenCounts(), Outcome.COMPLETED, is_estimated=False), amount=PICOS_PER_MICRO * 100)

    releaser.keep(call, event)

    assert await booth.code(401) == "spend_limit_reserved"
    second = await booth.call(400)
    releaser.release(second, None, TokenCounts())
    releaser.release_replayed(str(account.id), Wallet(3, 10), [str(event.id)])
    assert booth.amounts() == {}


async def test_a_dead_gateways_holds_expire_with_what_they_reserved(booth: Booth) -> None:
    booth.publish(booth.budget(Node.KEY, 500))
    await booth.call(500)
    assert await booth.code(1) == "spend_limit_reserved"

    booth.pipe.now += timedelta(seconds=121)

    assert await booth.code(500) is None


@pytest.mark.parametrize("gone", [budgets_at, spent_at])
async def test_what_is_not_published_yet_is_never_free(booth: Booth, gone: object) -> None:
    booth.publish(booth.budget(Node.KEY, 500))
    assert callable(gone)
    booth.pipe.redis.delete(gone(booth.account.id))

    refused = await booth.refused(0)

    assert (refused.code, refused.retry_after) == (Refusal.UNAVAILABLE, 1)
    assert await look(booth.caller, booth.pipe.pipe) is None


async def test_a_changed_cap_is_in_force_at_once(booth: Booth) -> None:
    budget = booth.budget(Node.KEY, 500)
    booth.publish(budget)
    assert await booth.code(100) is None

    booth.publish(replace(budget, cap=0), version=2)

    assert await booth.code(1) == CODES[Node.KEY]


@pytest.mark.parametrize("node", ["organization", "key"])
@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (RateLimits(requests_per_minute=2), Refusal.REQUESTS_PER_MINUTE),
        (RateLimits(input_tokens_per_minute=25), Refusal.INPUT_TOKENS_PER_MINUTE),
        (RateLimits(output_tokens_per_minute=25), Refusal.OUTPUT_TOKENS_PER_MINUTE),
        (RateLimits(concurrent_requests=2), Refusal.CONCURRENT_REQUESTS),
        (RateLimits(requests_per_day=2), Refusal.REQUESTS_PER_DAY),
    ],
)
async def test_organization_and_key_are_limited_each(
    booth: Booth, node: str, limits: RateLimits, code: Refusal
) -> None:
    wide = RateLimits(100, 1_000, 1_000, 100, 100)
    account = booth.account
    of_organization, of_key = (limits, wide) if node == "organization" else (wide, limits)
    booth.account = replace(
        account,
        organization=replace(account.organization, limits=of_organization),
        key=replace(account.key, limits=of_key),
    )
    await booth.ask(1)
    await booth.ask(1)
    before = booth.amounts()

    refused = await booth.refused(1)

    assert refused.code == code
    assert refused.limit is not None
    assert refused.limit["node"] == node
    assert refused.limit["id"] == str(booth.id_of(Node(node)))
    assert booth.amounts() == before
    sibling = replace(account.key, id=str(uuid7()), limits=wide)
    booth.account = replace(booth.account, key=sibling)
    assert (await booth.code(1) is None) == (node == "key")


async def test_a_days_requests_end_at_midnight_and_no_sdk_is_told_to_wait(booth: Booth) -> None:
    limits = RateLimits(requests_per_day=1)
    booth.account = replace(booth.account, key=replace(booth.account.key, limits=limits))
    await booth.ask(1)

    refused = await booth.refused(1)

    assert (refused.code, refused.retry_after) == (Refusal.REQUESTS_PER_DAY, None)
    assert refused.limit is not None
    assert refused.limit["resets_at"] == "2026-03-01T00:00:00Z"
    booth.pipe.now = datetime(2026, 3, 1, tzinfo=UTC)
    assert (await booth.code(1), await booth.code(1)) == (None, Refusal.REQUESTS_PER_DAY)


async def test_the_tighter_of_organization_and_key_is_shown(booth: Booth) -> None:
    account = booth.account
    booth.account = replace(
        account,
        organization=replace(account.organization, limits=RateLimits(60, 20_000, None)),
        key=replace(account.key, limits=RateLimits(100, 1_000, 500)),
    )

    taken = await booth.ask(1)

    assert isinstance(taken, Reservation)
    rooms = (taken.requests_room, taken.input_room, taken.output_room)
    assert [(room.limit, room.left) for room in rooms] == [(60, 59), (1_000, 990), (500, 490)]


async def test_unused_tokens_go_back_at_both_nodes(booth: Booth) -> None:
    account = booth.account
    booth.account = replace(
        account,
        organization=replace(account.organization, limits=RateLimits(60, 1_000, 1_000)),
        key=replace(account.key, limits=RateLimits(60, 1_000, 15)),
    )
    id_ = uuid7()
    reservation = await booth.ask(1, most=replace(TINY, output_tokens=100), id_=id_)
    assert isinstance(reservation, Reservation)
    call = Call(id_, booth.caller, SPARK, PRICE, reservation, is_stream=False)

    booth.releaser.release(call, None, TokenCounts(input=4, output=6))

    left = await look(booth.caller, booth.pipe.pipe)
    assert left is not None
    assert (left.organization.input_room.left, left.organization.output_room.left) == (996, 994)
    assert (left.key.input_room.left, left.key.output_room.left) == (996, 9)


async def test_looking_counts_out_what_has_expired_and_changes_nothing(booth: Booth) -> None:
    limits = RateLimits(concurrent_requests=5)
    booth.account = replace(booth.account, key=replace(booth.account.key, limits=limits))
    booth.publish(booth.budget(Node.PROJECT, 500, spent=20))
    await booth.call(100)
    booth.pipe.now += timedelta(seconds=119)
    await booth.call(30)
    booth.pipe.now += timedelta(seconds=2)
    before = booth.amounts()

    left = await look(booth.caller, booth.pipe.pipe)

    assert left is not None
    (budget,) = left.budgets
    assert (left.held, left.key.running, left.organization.running) == (30, 1, 1)
    assert (budget.cap, budget.spent, budget.reserved) == (500, 20, 30)
    assert booth.amounts() == before
