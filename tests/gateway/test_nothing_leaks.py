"""Whatever happens to requests, holds are what lives, caps are never overshot, and in the end nothing is left.

Two gateways share the real Redis; PostgreSQL is a few sums in this file. Requests are admitted, settled, refused by the
model server, journaled and replayed; releases arrive late and out of order; gateways die; Redis is emptied, and filled
again; days, weeks and months end.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import redis as redis_client
from django.conf import settings as django_settings
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core import wire
from core.budget import EPOCH, Node, Window, window_start
from core.budget_wire import BudgetFacts, budgets_at, spent_at
from core.ids import uuid7
from core.money import PICOS_PER_MICRO, micros_down, micros_up
from core.usage import TokenCounts
from core.usage_event import Outcome, UsageEvent
from core.verdict import Refusal, Verdict
from core.wire import EndCustomerFacts, ModelFacts, RateLimits
from gateway.admit import Reservation, admit
from gateway.call import Call
from gateway.estimate import Estimate
from gateway.identify import Caller
from gateway.limit_refusals import SPEND_LIMITS
from gateway.release import Releaser, Wallet
from tests.gateway.clocked_pipe import ClockedPipe
from tests.gateway.published import PRICE, SPARK, Publisher, new_account

TINY = Estimate(input_tokens=1, most_input_tokens=1, output_tokens=1, has_media=False)
# Before the end of a day; of a day and a week; of a day and a month; of all three.
BEGINNINGS = [datetime(2026, 4, 8), datetime(2026, 4, 5), datetime(2026, 4, 30), datetime(2026, 5, 31)]
CREDIT = 2_500
LIVES = timedelta(seconds=120)

Answer = TypeVar("Answer")


@dataclass
class Ledger:
    """PostgreSQL, reduced to what `settle()` moves: picodollars."""

    budgets: list[BudgetFacts]
    version: int = 1
    spent: int = 0
    counters: dict[tuple[UUID, int], int] = field(default_factory=lambda: defaultdict(int))
    settled: set[UUID] = field(default_factory=set)

    def settle(self, call: "Running", amount: int) -> Wallet:
        if call.id not in self.settled:
            self.settled.add(call.id)
            self.version += 1
            self.spent += amount
            for counted in call.counted:
                self.counters[counted] += amount
        counters = (
            f"{id_} {start} {self.version} {micros_up(self.counters[id_, start])}" for id_, start in call.counted
        )
        return Wallet(self.version, self.available, tuple(counters))

    @property
    def available(self) -> int:
        return micros_down(CREDIT * PICOS_PER_MICRO - self.spent)

    def facts(self) -> list[BudgetFacts]:
        """The newest window of each budget, as `usage.budget_facts` publishes it."""
        newest = dict(sorted(self.counters, key=lambda each: each[1]))
        return [
            replace(each, start=newest[each.id], spent=self.counters[each.id, newest[each.id]])
            if each.id in newest
            else each
            for each in self.budgets
        ]


@dataclass
class Running:
    """A request that holds: `counted` are the budgets above it, each with the window of its admission."""

    call: Call
    hold: int
    counted: list[tuple[UUID, int]]
    renewed: datetime
    event: UsageEvent | None = None

    @property
    def id(self) -> UUID:
        return self.call.id


@dataclass
class Gateway:
    releaser: Releaser
    running: list[Running] = field(default_factory=list)
    kept: list[Running] = field(default_factory=list)

    @property
    def held(self) -> list[Running]:
        return self.running + self.kept


class Booths(RuleBasedStateMachine):
    @initialize(begin=st.sampled_from(BEGINNINGS), data=st.data())
    def open(self, begin: datetime, data: st.DataObject) -> None:
        self.loop = asyncio.new_event_loop()
        with redis_client.Redis.from_url(django_settings.REDIS_URL) as redis:
            redis.flushall()
        self.redis = redis_client.Redis.from_url(django_settings.REDIS_URL, decode_responses=True)
        self.pipe = ClockedPipe(begin.replace(hour=23, minute=57, tzinfo=UTC))
        self.publisher = Publisher(self.redis)
        account = new_account(limits=RateLimits(concurrent_requests=50))
        self.account = replace(
            account, key=replace(account.key, member=str(uuid7()), limits=RateLimits(concurrent_requests=7))
        )
        self.other_key = replace(self.account.key, id=str(uuid7()), limits=RateLimits())
        self.customers = [None, EndCustomerFacts(1, str(uuid7()), "Bolt", "active")]
        self.models = [SPARK, replace(SPARK, id=str(uuid7()))]
        self.ledger = Ledger([self._budget(data, node) for node in Node for _ in range(2)])
        self.ledger.budgets = list({(each.node, each.window): each for each in self.ledger.budgets}.values())
        self.gateways = [Gateway(Releaser(self.pipe.pipe)) for _ in range(2)]
        self.dead: list[Running] = []
        self._publish()

    def _budget(self, data: st.DataObject, node: Node) -> BudgetFacts:
        ids = {
            Node.ORGANIZATION: self.account.organization.id,
            Node.PROJECT: self.account.key.project,
            Node.KEY: self.account.key.id,
            Node.MEMBER: self.account.key.member,
            Node.MODEL: SPARK.id,
        }
        assert self.customers[1] is not None
        id_ = UUID(ids.get(node, self.customers[1].id))
        cap = data.draw(st.integers(300, 3_000)) * PICOS_PER_MICRO
        return BudgetFacts(uuid7(), node, id_, data.draw(st.sampled_from(Window)), cap)

    @rule(
        gateway=st.sampled_from([0, 1]),
        hold=st.integers(0, 400),
        key=st.booleans(),
        customer=st.sampled_from([0, 1]),
        model=st.sampled_from([0, 1]),
    )
    def ask(self, gateway: int, hold: int, *, key: bool, customer: int, model: int) -> None:
        facts = self.account.key if key else self.other_key
        caller = Caller(facts, self.account.organization, end_customer=self.customers[customer])
        above = self._above(caller, self.models[model])
        expected = self._expected(hold, above, caller)
        id_ = uuid7()

        answer = self._run(
            admit(id_, hold, TINY, caller=caller, model=self.models[model], redis=self.pipe.pipe, portal_url="http://p")
        )

        code = answer.code if isinstance(answer, Verdict) else None
        assert code == expected
        if isinstance(answer, Reservation):
            call = Call(id_, caller, self.models[model], PRICE, answer, is_stream=False)
            counted = [(each.id, self._start(each)) for each in above]
            self.gateways[gateway].running.append(Running(call, hold, counted, self.pipe.now))
            self.gateways[gateway].releaser.begin(call)

    @precondition(lambda self: any(gateway.running for gateway in self.gateways))
    @rule(data=st.data(), part=st.floats(0, 1))
    def settle(self, data: st.DataObject, part: float) -> None:
        gateway, running = self._any(data, "running")
        wallet = self.ledger.settle(running, int(running.hold * PICOS_PER_MICRO * part))
        gateway.running.remove(running)
        self._released(gateway, running, wallet)

    @precondition(lambda self: any(len(gateway.running) > 1 for gateway in self.gateways))
    @rule(data=st.data())
    def settle_two_whose_releases_arrive_in_the_wrong_order(self, data: st.DataObject) -> None:
        gateway = next(each for each in self.gateways if len(each.running) > 1)
        first, second = gateway.running.pop(), gateway.running.pop()
        wallets = [self.ledger.settle(each, each.hold * PICOS_PER_MICRO) for each in (first, second)]
        self._released(gateway, second, wallets[1])
        self._released(gateway, first, wallets[0])

    @precondition(lambda self: any(gateway.running for gateway in self.gateways))
    @rule(data=st.data())
    def fail_for_free(self, data: st.DataObject) -> None:
        gateway, running = self._any(data, "running")
        gateway.running.remove(running)
        self._released(gateway, running, None)

    @precondition(lambda self: any(gateway.running for gateway in self.gateways))
    @rule(data=st.data(), part=st.floats(0, 1))
    def journal(self, data: st.DataObject, part: float) -> None:
        gateway, running = self._any(data, "running")
        amount = int(running.hold * PICOS_PER_MICRO * part)
        event = replace(running.call.event(TokenCounts(), Outcome.COMPLETED, is_estimated=False), amount=amount)
        gateway.running.remove(running)
        gateway.kept.append(replace(running, hold=micros_up(amount), event=event, renewed=self.pipe.now))
        self._run(_do(lambda: gateway.releaser.keep(running.call, event)))

    @precondition(lambda self: any(gateway.kept for gateway in self.gateways))
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        gateway, kept = self._any(data, "kept")
        gateway.kept.remove(kept)
        self._replayed(gateway, kept)

    @rule(gateway=st.sampled_from([0, 1]), committed=st.booleans())
    def die(self, gateway: int, *, committed: bool) -> None:
        """Its holds stay until they expire. What it had committed before it could release is in the ledger."""
        fallen = self.gateways[gateway]
        if committed and fallen.running:
            self.ledger.settle(fallen.running[0], fallen.running[0].hold * PICOS_PER_MICRO)
        # The next process adopts the journal, and registers what it holds.
        self.dead += fallen.running
        rows = [
            (each.event.as_row() | {"counters": each.call.reservation.counters}) for each in fallen.kept if each.event
        ]
        self.gateways[gateway] = Gateway(Releaser(self.pipe.pipe), kept=fallen.kept)
        self.gateways[gateway].releaser.adopt(rows)
        self._register()

    @rule()
    def lose_redis(self) -> None:
        """Nobody is admitted until budgets and wallet are there again; holds are registered before the wallet opens."""
        self.redis.flushall()
        refused = self._run(
            admit(
                uuid7(),
                0,
                TINY,
                caller=Caller(self.account.key, self.account.organization),
                model=SPARK,
                redis=self.pipe.pipe,
                portal_url="http://p",
            )
        )
        assert isinstance(refused, Verdict)
        assert refused.code == Refusal.UNAVAILABLE
        self.dead = []
        self._register()
        self._publish()

    @rule(seconds=st.integers(1, 59))
    def wait(self, seconds: int) -> None:
        """Living gateways renew, and the publisher publishes, in shorter intervals than holds live."""
        self.pipe.now += timedelta(seconds=seconds)
        self._register()
        self._publish()

    @invariant()
    def what_is_held_is_what_lives(self) -> None:
        alive = [each for gateway in self.gateways for each in gateway.held]
        stored = {name: int(value) for name, value in self._amounts().items() if " " not in value and name != "until"}
        sums: dict[str, int] = defaultdict(int)
        for each in alive + self._dead_that_are_stored():
            sums["total"] += each.hold
            for id_, start in each.counted:
                sums[f"{id_}@{start}"] += each.hold
            if each.event is not None:
                sums["kept"] += 1
            elif "running:" in each.call.reservation.counters:
                sums[f"running:{each.call.caller.key.id}"] += 1
        assert {name: count for name, count in stored.items() if count} == {n: c for n, c in sums.items() if c}

    @invariant()
    def no_cap_is_overshot(self) -> None:
        alive = [each for gateway in self.gateways for each in gateway.held]
        assert self.ledger.spent <= CREDIT * PICOS_PER_MICRO - sum(each.hold for each in alive) * PICOS_PER_MICRO
        for budget in self.ledger.budgets:
            reserved: dict[int, int] = defaultdict(int)
            for each in alive:
                for id_, start in each.counted:
                    if id_ == budget.id:
                        reserved[start] += each.hold * PICOS_PER_MICRO
            for id_, start in self.ledger.counters:
                if id_ == budget.id:
                    reserved[start] += self.ledger.counters[id_, start]
            assert max(reserved.values(), default=0) <= budget.cap

    def teardown(self) -> None:
        try:
            self._end_all()
        finally:
            self.pipe.redis.close()
            self.redis.close()
            self.loop.close()

    def _end_all(self) -> None:
        """Everything ends, the dead expire, and one more request comes and goes."""
        for gateway in self.gateways:
            for running in gateway.running:
                self._released(gateway, running, None)
            for kept in gateway.kept:
                self._replayed(gateway, kept)
            gateway.running, gateway.kept = [], []
        self.pipe.now += LIVES + timedelta(seconds=1)
        self._publish()
        self.ask(gateway=0, hold=0, key=True, customer=0, model=0)
        for running in self.gateways[0].running:
            self._released(self.gateways[0], running, None)
        assert {name: value for name, value in self._amounts().items() if name != "until"} == {}
        assert self.redis.zcard(f"{{{self.account.id}}}:holds") == 0

    def _any(self, data: st.DataObject, which: str) -> tuple[Gateway, Running]:
        found = [(gateway, each) for gateway in self.gateways for each in getattr(gateway, which)]
        return data.draw(st.sampled_from(range(len(found))).map(found.__getitem__))

    def _above(self, caller: Caller, model: ModelFacts) -> list[BudgetFacts]:
        ids = {caller.organization.id, caller.key.project, caller.key.id, caller.key.member, model.id}
        ids |= {caller.end_customer.id} if caller.end_customer else set()
        return [each for each in self.ledger.budgets if str(each.node_id) in ids]

    def _start(self, budget: BudgetFacts) -> int:
        return int((window_start(budget.window, self.pipe.now) - EPOCH).total_seconds())

    def _expected(self, hold: int, above: list[BudgetFacts], caller: Caller) -> Refusal | None:
        """What should be answered, from what Redis was told. Dead gateways' holds count until they expire."""
        holders = [each for gateway in self.gateways for each in gateway.held] + self._dead_that_count()
        known = self._known()
        if known["available"] < hold:
            return Refusal.CREDIT_EXHAUSTED
        is_busy = Refusal.CREDIT_RESERVED if known["available"] - sum(each.hold for each in holders) < hold else None
        for node in Node:
            for budget in (each for each in above if each.node is node):
                at = budget.id, self._start(budget)
                room = micros_down(budget.cap) - known.get(at, 0) - hold
                if room < 0:
                    return SPEND_LIMITS[node]
                if room - sum(each.hold for each in holders if at in each.counted) < 0:
                    is_busy = is_busy or Refusal.SPEND_LIMIT_RESERVED
        most = caller.key.limits.concurrent_requests
        mine = [each for each in holders if each.event is None and each.call.caller.key.id == caller.key.id]
        return is_busy or (Refusal.CONCURRENT_REQUESTS if most is not None and len(mine) >= most else None)

    def _known(self) -> dict[Any, int]:
        """What Redis was told was spent: it lags only for what a gateway committed and died before it released."""
        known: dict[Any, int] = {"available": int(self.redis.hget(wire.wallet_at(self.account.id), "available") or 0)}
        for id_, text in self.redis.hgetall(spent_at(self.account.id)).items():
            start, _, micros = str(text).split()
            known[UUID(str(id_)), int(start)] = int(micros)
        return known

    def _dead_that_count(self) -> list[Running]:
        return [each for each in self.dead if each.renewed + LIVES > self.pipe.now]

    def _dead_that_are_stored(self) -> list[Running]:
        """Expired holds leave when the next request is admitted."""
        stored = self._amounts()
        return [each for each in self.dead if str(each.id) in stored]

    def _amounts(self) -> dict[str, str]:
        return dict(self.redis.hgetall(f"{{{self.account.id}}}:amounts"))  # type: ignore[arg-type]

    def _released(self, gateway: Gateway, running: Running, wallet: Wallet | None) -> None:
        self._run(_do(lambda: gateway.releaser.release(running.call, wallet, TokenCounts())))

    def _replayed(self, gateway: Gateway, kept: Running) -> None:
        assert kept.event is not None
        wallet = self.ledger.settle(kept, kept.event.amount)
        organization = self.account.organization.id
        self._run(_do(lambda: gateway.releaser.release_replayed(organization, wallet, [str(kept.id)])))

    def _register(self) -> None:
        for gateway in self.gateways:
            self._run(gateway.releaser.register())
            for each in gateway.held:
                each.renewed = self.pipe.now

    def _publish(self) -> None:
        self.publisher.budgets(self.account, *self.ledger.facts(), version=self.ledger.version)
        self.publisher.wallet(self.account, micros=self.ledger.available, version=self.ledger.version)
        assert self.redis.hexists(budgets_at(self.account.id), "version")

    def _run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self.loop.run_until_complete(work)


async def _do(work: Callable[[], None]) -> None:
    work()


TestNothingLeaks = Booths.TestCase
TestNothingLeaks.settings = settings(
    phases=(Phase.explicit, Phase.generate),  # Shrinking forty steps of two servers takes longer than reading them.
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
