"""`settle()` counts each event into every budget above it, once, in the window in which it occurred."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.budget import Node, Window, window_start
from core.ids import uuid7
from core.money import PICOS_PER_MICRO
from core.usage_event import UsageEvent
from tests.usage.settling import NOON, an_event, settle
from usage.budgets import Place, set_budget
from usage.models import Budget, BudgetSpend

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NOON_SECONDS = int(NOON.replace(hour=0).timestamp())


def a_budget(acme: UUID, *, node: Node, node_id: UUID, window: Window = Window.DAY, is_hard: bool = True) -> Budget:
    return set_budget(Place(acme, node, node_id), window, cap=PICOS_PER_MICRO, is_hard=is_hard, now=NOON)


def spent_of(budget: Budget) -> dict[datetime, int]:
    return {each.window_start: int(each.spent) for each in BudgetSpend.objects.filter(budget=budget)}


def test_every_node_above_an_event_is_charged_and_no_other() -> None:
    acme = uuid7()
    event = an_event(acme, member=uuid7(), end_customer=uuid7(), amount=PICOS_PER_MICRO + 1)
    above = [a_budget(acme, node=node, node_id=getattr(event, node)) for node in Node]
    beside = [a_budget(acme, node=node, node_id=uuid7()) for node in Node if node is not Node.ORGANIZATION]

    answer = settle(event)[acme]

    today = NOON.replace(hour=0)
    assert [spent_of(budget) for budget in above] == [{today: PICOS_PER_MICRO + 1}] * 6
    assert [spent_of(budget) for budget in beside] == [{today: 0}] * 5
    assert set(answer.counters) == {f"{budget.pk} {NOON_SECONDS} {answer.version} 2" for budget in above}


def test_a_batch_sent_again_charges_nothing_and_is_answered_its_counters() -> None:
    acme = uuid7()
    budget = a_budget(acme, node=Node.ORGANIZATION, node_id=acme)
    event = an_event(acme, amount=3 * PICOS_PER_MICRO)
    first = settle(event, event)[acme]

    again = settle(event)[acme]

    assert again.counters == first.counters == [f"{budget.pk} {NOON_SECONDS} {first.version} 3"]


def test_a_late_event_counts_in_the_window_in_which_it_occurred() -> None:
    acme = uuid7()
    budget = a_budget(acme, node=Node.ORGANIZATION, node_id=acme)
    settle(an_event(acme, occurred_at=NOON + DAY, amount=1))

    settle(an_event(acme, occurred_at=NOON, amount=2))

    today = NOON.replace(hour=0)
    assert spent_of(budget) == {today: 2, today + DAY: 1}


def test_what_occurred_before_the_first_window_is_not_half_counted() -> None:
    acme = uuid7()
    budget = a_budget(acme, node=Node.ORGANIZATION, node_id=acme)

    answer = settle(an_event(acme, occurred_at=NOON - DAY))[acme]

    assert spent_of(budget) == {NOON.replace(hour=0): 0}
    assert answer.counters == []


def test_an_alert_is_counted_and_told_to_no_gateway() -> None:
    acme = uuid7()
    budget = a_budget(acme, node=Node.ORGANIZATION, node_id=acme, is_hard=False)

    answer = settle(an_event(acme, amount=4))[acme]

    assert sum(spent_of(budget).values()) == 4
    assert answer.counters == []


def test_organizations_of_one_batch_keep_their_counters_apart() -> None:
    acme, bolt = uuid7(), uuid7()
    project = uuid7()
    mine = a_budget(acme, node=Node.PROJECT, node_id=project)
    theirs = a_budget(bolt, node=Node.PROJECT, node_id=project)

    answers = settle(an_event(acme, project=project, amount=1), an_event(bolt, project=project, amount=2))

    assert [sum(spent_of(budget).values()) for budget in (mine, theirs)] == [1, 2]
    assert [counter.split()[0] for counter in answers[acme].counters] == [str(mine.pk)]


IDS = (uuid7(), uuid7())
EVENTS = st.lists(
    st.tuples(
        st.datetimes(datetime(2026, 3, 25), datetime(2026, 5, 5), timezones=st.just(UTC)),
        st.integers(0, 10**9),
        st.sampled_from(IDS),
        st.sampled_from(IDS),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=EVENTS, after=EVENTS, window=st.sampled_from(Window), node=st.sampled_from([Node.PROJECT, Node.MEMBER]))
def test_a_counter_is_the_sum_of_its_events_whenever_it_was_begun(
    before: list[tuple[datetime, int, UUID, UUID]],
    after: list[tuple[datetime, int, UUID, UUID]],
    window: Window,
    node: Node,
) -> None:
    acme = uuid7()
    old = [_event(acme, *each) for each in before if window_start(window, each[0]) <= window_start(window, NOON)]
    new = [_event(acme, *each) for each in after]
    settle(*old)

    budget = a_budget(acme, node=node, node_id=IDS[0], window=window)
    settle(*new, *old)

    expected: dict[datetime, int] = {window_start(window, NOON): 0}
    for event in (*old, *new):
        start = window_start(window, event.occurred_at)
        if getattr(event, node) == IDS[0] and start >= budget.counted_from:
            expected[start] = expected.get(start, 0) + event.amount
    assert spent_of(budget) == expected


def _event(acme: UUID, at: datetime, amount: int, project: UUID, member: UUID) -> UsageEvent:
    return an_event(acme, occurred_at=at, amount=amount, project=project, member=member)
