"""Sums that pages show: whole hours from rollups, the ends from events, never a call twice or not at all."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from core.ids import uuid7
from core.usage import TokenCounts
from tests.usage.settling import NOON, an_event, settle
from usage.queries import Dimension, Selection, Step, latest_requests, request_of, total_of, usage_by, wallet_of

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
ACME = UUID(int=0xACE)


def selected(start: datetime, end: datetime, **ids: Any) -> Selection:
    return Selection(organization=ACME, start=start, end=end, **ids)


def test_usage_is_told_apart_by_step_and_model() -> None:
    spark, embed = uuid7(), uuid7()
    settle(
        an_event(ACME, model=spark, occurred_at=NOON + 5 * MINUTE, amount=1),
        an_event(ACME, model=spark, occurred_at=NOON + 6 * MINUTE, amount=2),
        an_event(ACME, model=embed, occurred_at=NOON + 7 * MINUTE, amount=4),
        an_event(ACME, model=spark, occurred_at=NOON + 65 * MINUTE, amount=8),
    )

    rows = usage_by(selected(NOON, NOON + timedelta(hours=2)), Dimension.MODEL, step=Step.HOUR)

    found = {(row.begins, row.group): (row.used.calls, row.used.amount) for row in rows}
    assert found == {(NOON, spark): (2, 3), (NOON, embed): (1, 4), (NOON + 60 * MINUTE, spark): (1, 8)}


@pytest.mark.parametrize(
    ("start", "end", "amount"),
    [
        (0, 120, 0b1111),
        (1, 120, 0b1110),
        (0, 90, 0b0111),
        (1, 90, 0b0110),
        (1, 31, 0b0010),
        (60, 120, 0b1100),
        (61, 90, 0b0000),
        (60, 90, 0b0100),
    ],
)
def test_both_ends_are_exact_to_the_instant(start: int, end: int, amount: int) -> None:
    """Calls at minute 0, 30, 60 and 90 cost 1, 2, 4 and 8: each sum says which are in it."""
    minutes = (0, 30, 60, 90)
    settle(*(an_event(ACME, occurred_at=NOON + m * MINUTE, amount=1 << i) for i, m in enumerate(minutes)))

    rows = usage_by(selected(NOON + start * MINUTE, NOON + end * MINUTE), Dimension.KEY, step=Step.DAY)

    assert total_of(rows).amount == amount


@pytest.mark.parametrize("dimension", Dimension)
def test_a_filter_leaves_the_others_out(dimension: Dimension) -> None:
    mine: dict[str, Any] = {dimension.value: uuid7()}
    settle(an_event(ACME, amount=5, **mine), an_event(ACME, amount=7))
    chosen = selected(NOON, NOON + timedelta(hours=1), **mine)

    rows = usage_by(chosen, dimension, step=Step.DAY)

    assert [(row.group, row.used.amount) for row in rows] == [(mine[dimension.value], 5)]
    assert [event.amount for event in latest_requests(chosen, limit=10)] == [5]


def test_another_organization_is_never_in_the_sums() -> None:
    theirs = an_event(uuid7())
    settle(theirs)
    whole_day = selected(NOON - timedelta(hours=12), NOON + timedelta(hours=12))

    assert usage_by(whole_day, Dimension.MODEL, step=Step.HOUR) == []
    assert latest_requests(whole_day, limit=10) == []
    assert request_of(ACME, theirs.id) is None
    assert request_of(theirs.organization, theirs.id) is not None


def test_totals_add_every_token_class_and_call() -> None:
    counts = TokenCounts(input=3, cache_read=5, output=7, reasoning=11, requests=1)
    settle(*(an_event(ACME, counts=counts, amount=13) for _ in range(3)))

    total = total_of(usage_by(selected(NOON, NOON + MINUTE), Dimension.MODEL, step=Step.DAY))

    assert total.counts == TokenCounts(input=9, cache_read=15, output=21, reasoning=33, requests=3)
    assert (total.calls, total.amount) == (3, 39)


def test_a_day_begins_at_midnight_in_utc() -> None:
    midnight = datetime(2026, 4, 9, tzinfo=UTC)
    settle(an_event(ACME, occurred_at=midnight - MINUTE), an_event(ACME, occurred_at=midnight))

    rows = usage_by(selected(midnight - timedelta(days=1), midnight + MINUTE), Dimension.PROJECT, step=Step.DAY)

    assert [row.begins for row in rows] == [midnight - timedelta(days=1), midnight]


def test_the_newest_requests_come_first_and_no_more_than_asked_for() -> None:
    events = [an_event(ACME, occurred_at=NOON + minute * MINUTE) for minute in range(4)]
    settle(*events)

    found = latest_requests(selected(NOON, NOON + 10 * MINUTE), limit=3)

    assert [event.id for event in found] == [event.id for event in reversed(events)][:3]


def test_a_wallet_that_was_never_moved_is_empty() -> None:
    wallet = wallet_of(ACME)

    assert (wallet.version, wallet.available) == (0, 0)


def test_sums_take_one_query_and_two_more_for_ragged_ends(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    settle(*(an_event(ACME, occurred_at=NOON + hour * timedelta(hours=1)) for hour in range(5)))

    with django_assert_num_queries(1):
        usage_by(selected(NOON, NOON + timedelta(hours=5)), Dimension.MODEL, step=Step.HOUR)
    with django_assert_num_queries(3):
        usage_by(selected(NOON + MINUTE, NOON + timedelta(hours=4.5)), Dimension.MODEL, step=Step.HOUR)
