"""Budgets in Redis: caps of the newest version, spending of the newest window and version."""

from dataclasses import replace
from uuid import UUID

import pytest
import redis as redis_client

from core.budget import Node, Window
from core.budget_wire import COPY_BUDGETS_IF_NEWER, BudgetFacts, budgets_at, copy_words, spent_at
from core.ids import uuid7

ACME, PROJECT = uuid7(), uuid7()
DAILY = BudgetFacts(uuid7(), Node.PROJECT, PROJECT, Window.DAY, 5_999_999, start=86_400, spent=1)
MONTHLY = BudgetFacts(uuid7(), Node.PROJECT, PROJECT, Window.MONTH, 70_000_000)
WHOLE = BudgetFacts(uuid7(), Node.ORGANIZATION, ACME, Window.LIFETIME, 9_000_000)


def copy(redis: redis_client.Redis, version: int, *budgets: BudgetFacts) -> int:
    words = copy_words(version, budgets)
    return int(redis.eval(COPY_BUDGETS_IF_NEWER, 2, budgets_at(ACME), spent_at(ACME), *words))


def spent(redis: redis_client.Redis, budget: UUID) -> object:
    return redis.hget(spent_at(ACME), str(budget))


def test_caps_are_rounded_down_and_spending_up(redis: redis_client.Redis) -> None:
    assert copy(redis, 3, DAILY, MONTHLY, WHOLE) == 1

    assert redis.hgetall(budgets_at(ACME)) == {
        "version": "3",
        f"project:{PROJECT}": f"{DAILY.id} day 5 {MONTHLY.id} month 70",
        f"organization:{ACME}": f"{WHOLE.id} lifetime 9",
    }
    assert spent(redis, DAILY.id) == "86400 3 1"
    assert spent(redis, WHOLE.id) == "0 3 0"


def test_an_older_version_changes_no_cap(redis: redis_client.Redis) -> None:
    copy(redis, 3, DAILY)

    assert copy(redis, 3, replace(DAILY, cap=0)) == 0
    assert redis.hget(budgets_at(ACME), f"project:{PROJECT}") == f"{DAILY.id} day 5"


def test_a_budget_that_was_removed_is_gone_with_its_counter(redis: redis_client.Redis) -> None:
    copy(redis, 3, DAILY, WHOLE)

    copy(redis, 4, WHOLE)

    assert set(redis.hgetall(budgets_at(ACME))) == {"version", f"organization:{ACME}"}
    assert spent(redis, DAILY.id) is None


@pytest.mark.parametrize(
    ("version", "start", "is_taken"),
    [(4, 86_400, True), (3, 86_400, False), (2, 86_400, False), (2, 172_800, True), (9, 0, False)],
)
def test_spending_is_newer_by_window_and_then_by_version(
    redis: redis_client.Redis, version: int, start: int, *, is_taken: bool
) -> None:
    copy(redis, 3, DAILY)

    copy(redis, version, replace(DAILY, start=start, spent=50_000_000))

    assert spent(redis, DAILY.id) == (f"{start} {version} 50" if is_taken else "86400 3 1")


def test_an_organization_without_budgets_is_known_to_have_none(redis: redis_client.Redis) -> None:
    copy(redis, 0)

    assert redis.hgetall(budgets_at(ACME)) == {"version": "0"}
