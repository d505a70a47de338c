"""Setting budgets: one per node and window, beginning with what its window holds already, published with its wallet."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import redis as redis_client
from django.db import IntegrityError

from core.budget import Node, Window
from core.budget_wire import budgets_at, spent_at
from core.errors import Invalid
from core.ids import uuid7
from core.money import PICOS_PER_MICRO
from tests.usage.settling import NOON, an_event, settle
from usage.budget_facts import publish_all_budgets
from usage.budgets import Place, remove_budget, set_budget
from usage.models import Budget, BudgetSpend, Wallet

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = datetime(2026, 4, 6, tzinfo=UTC)


def a_budget(place: Place, *, window: Window = Window.DAY, micros: int = 100, is_hard: bool = True) -> Budget:
    return set_budget(place, window, cap=micros * PICOS_PER_MICRO, is_hard=is_hard, now=NOON)


def of(organization: UUID, node: Node = Node.ORGANIZATION, node_id: UUID | None = None) -> Place:
    return Place(organization, node, node_id or organization)


@pytest.mark.parametrize("node", list(Node))
def test_a_new_budget_begins_with_what_its_node_has_spent_in_the_window(node: Node) -> None:
    acme = uuid7()
    event = an_event(acme, amount=7, member=uuid7(), end_customer=uuid7())
    settle(event, an_event(acme, amount=11), an_event(uuid7(), amount=100))
    id_ = getattr(event, node)

    budget = a_budget(of(acme, node, id_))

    assert BudgetSpend.objects.get(budget=budget).spent == (18 if node is Node.ORGANIZATION else 7)


@pytest.mark.parametrize(
    ("window", "spent"), [(Window.DAY, 1), (Window.WEEK, 3), (Window.MONTH, 7), (Window.LIFETIME, 15)]
)
def test_each_window_holds_its_own_days(window: Window, spent: int) -> None:
    acme = uuid7()
    days = [NOON, MONDAY, MONDAY - timedelta(seconds=1), datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)]
    settle(*(an_event(acme, amount=1 << place, occurred_at=day) for place, day in enumerate(days)))

    budget = a_budget(of(acme), window=window)

    assert BudgetSpend.objects.get(budget=budget).spent == spent


def test_setting_it_again_changes_the_cap_and_keeps_what_was_spent() -> None:
    acme = uuid7()
    first = a_budget(of(acme))
    settle(an_event(acme, amount=5))

    again = set_budget(of(acme), Window.DAY, cap=3, is_hard=False, thresholds=[80, 50, 80], now=NOON)

    assert again.pk == first.pk
    stored = Budget.objects.get(organization_id=acme)
    assert (int(stored.cap), stored.is_hard, stored.thresholds) == (3, False, [50, 80])
    assert BudgetSpend.objects.get(budget=stored).spent == 5


def test_a_budget_is_published_when_it_is_set_and_when_it_is_removed(redis: redis_client.Redis) -> None:
    acme = uuid7()
    settle(an_event(acme, amount=PICOS_PER_MICRO + 1))
    start = int(NOON.replace(hour=0).timestamp())

    budget = a_budget(of(acme))

    assert redis.hgetall(budgets_at(acme)) == {"version": "2", f"organization:{acme}": f"{budget.pk} day 100"}
    assert redis.hget(spent_at(acme), str(budget.pk)) == f"{start} 2 2"

    remove_budget(acme, budget.pk)

    assert redis.hgetall(budgets_at(acme)) == {"version": "3"}
    assert redis.hgetall(spent_at(acme)) == {}
    assert not BudgetSpend.objects.filter(budget_id=budget.pk).exists()


def test_a_budget_that_only_alerts_concerns_no_gateway(redis: redis_client.Redis) -> None:
    acme = uuid7()

    a_budget(of(acme), is_hard=False)

    assert redis.hgetall(budgets_at(acme)) == {"version": "1"}


def test_an_emptied_redis_gets_every_organizations_budgets_again(redis: redis_client.Redis) -> None:
    acme, bolt = uuid7(), uuid7()
    Wallet.objects.create(organization_id=bolt)
    a_budget(of(acme))
    a_budget(of(acme, Node.PROJECT, uuid7()), window=Window.MONTH)
    before = redis.hgetall(budgets_at(acme)), redis.hgetall(spent_at(acme))
    redis.flushall()

    assert publish_all_budgets() >= 2
    assert publish_all_budgets() == 0
    assert (redis.hgetall(budgets_at(acme)), redis.hgetall(spent_at(acme))) == before
    assert redis.hgetall(budgets_at(bolt)) == {"version": "0"}


def test_removing_what_is_anothers_changes_nothing() -> None:
    acme, bolt = uuid7(), uuid7()
    budget = a_budget(of(acme))

    remove_budget(bolt, budget.pk)

    assert Budget.objects.filter(pk=budget.pk).exists()
    assert Wallet.objects.get(organization_id=bolt).version == 0


@pytest.mark.parametrize(
    ("micros", "thresholds", "node_id"),
    [(-1, [], None), (1, [0], None), (1, [101], None), (1, [], uuid7()), (1, [], UUID(int=0))],
)
def test_nonsense_is_refused(micros: int, thresholds: list[int], node_id: UUID | None) -> None:
    with pytest.raises(Invalid):
        set_budget(of(uuid7(), node_id=node_id), Window.DAY, cap=micros, is_hard=True, thresholds=thresholds, now=NOON)


@pytest.mark.parametrize("wrong", [{"cap": -1}, {"node": "team"}, {"window": "hour"}])
def test_the_database_refuses_nonsense_too(wrong: dict[str, object]) -> None:
    fields: dict[str, object] = {"node": "project", "window": "day", "cap": 1}

    with pytest.raises(IntegrityError):
        Budget.objects.create(organization_id=uuid7(), node_id=uuid7(), counted_from=NOON, **fields | wrong)
