"""Mail about budgets: once per window and threshold."""

from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

import pytest
from django.core import mail
from structlog.testing import capture_logs

from accounts.models import Membership, Organization, Role, User
from billing import budget_notices
from billing.budget_nodes import names_at
from billing.budget_notices import notice_budgets
from billing.budgets import BudgetTerms, add_budget, change_budget
from billing.models import BudgetNotice
from billing.reached_budgets import note_reached
from catalog.models import Model
from core.budget import Node, Window
from core.usage import TokenCounts
from keys.models import ApiKey
from tests.factories import ROBOT, make_key, make_model, make_user, use
from usage.models import Budget

DOLLAR = 10**12
DAY = timedelta(days=1)


@pytest.fixture
def key(acme: Organization, now: datetime) -> ApiKey:
    return make_key(acme, now=now, name="Search").key


@pytest.fixture
def spark(now: datetime) -> Model:
    return make_model(now=now)


@pytest.fixture
def budget(acme: Organization, key: ApiKey, now: datetime) -> Budget:
    return set_for(key, now=now)


def set_for(key: ApiKey, *, now: datetime, is_hard: bool = True, window: Window = Window.DAY) -> Budget:
    terms = BudgetTerms(10 * DOLLAR, is_hard)
    return add_budget(key.organization, Node.KEY, key.pk, window=window, terms=terms, actor=ROBOT, now=now)


def spend(key: ApiKey, spark: Model, dollars: int, *, at: datetime) -> None:
    use(key, spark, at=at, counts=TokenCounts(input=800_000 * dollars))  # $1.25 a million


def test_each_threshold_is_told_once(budget: Budget, key: ApiKey, spark: Model, now: datetime) -> None:
    told = []
    for _ in range(10):
        spend(key, spark, 1, at=now)
        told += [notice_budgets(now=now), notice_budgets(now=now)]

    assert sum(told) == 3
    assert [notice.threshold for notice in BudgetNotice.objects.order_by("threshold")] == [50, 80, 100]
    assert ["50 %" in mail.outbox[0].subject, "80 %" in mail.outbox[1].subject] == [True, True]
    assert "$10.00 of $10.00" in mail.outbox[2].body
    assert "until 9 April 2026, 00:00 UTC" in mail.outbox[2].body
    assert "/limits/" in mail.outbox[2].body


def test_what_is_reached_at_once_is_one_mail(budget: Budget, key: ApiKey, spark: Model, now: datetime) -> None:
    spend(key, spark, 9, at=now)

    assert notice_budgets(now=now) == 1
    name = names_at(key.organization, Node(budget.node), [budget.node_id])[budget.node_id]
    assert mail.outbox[0].subject == f"80 % of the daily budget of {name} is used"
    assert not BudgetNotice.objects.filter(mailed_at=None).exists()


def test_the_next_window_begins_anew(budget: Budget, key: ApiKey, spark: Model, now: datetime) -> None:
    spend(key, spark, 6, at=now)
    notice_budgets(now=now)
    spend(key, spark, 6, at=now + DAY)

    assert notice_budgets(now=now + DAY) == 1
    assert len(mail.outbox) == 2


def test_what_was_reached_in_a_windows_last_seconds_is_told_after_it(
    budget: Budget, key: ApiKey, spark: Model, now: datetime
) -> None:
    midnight = now.replace(hour=0) + DAY
    spend(key, spark, 6, at=midnight - timedelta(seconds=1))

    assert notice_budgets(now=midnight + timedelta(minutes=2)) == 1
    assert notice_budgets(now=midnight + timedelta(hours=2)) == 0


def test_one_that_only_alerts_says_that_nothing_is_refused(key: ApiKey, spark: Model, now: datetime) -> None:
    set_for(key, now=now, is_hard=False, window=Window.LIFETIME)
    spend(key, spark, 11, at=now)

    notice_budgets(now=now)

    assert "Nothing is refused: this budget only tells." in mail.outbox[0].body
    assert "resets" not in mail.outbox[0].body


def test_owners_and_finance_are_told(budget: Budget, key: ApiKey, spark: Model, now: datetime) -> None:
    for role in Role:
        person = make_user(f"{role.value}@acme.example")
        Membership.objects.create(organization=key.organization, user=person, role=role, created_at=now)
    spend(key, spark, 6, at=now)

    notice_budgets(now=now)

    assert {message.to[0] for message in mail.outbox} == {
        "ada@acme.example",
        "owner@acme.example",
        "finance@acme.example",
    }


def test_a_raised_cap_that_is_reached_again_is_told_again(
    acme: Organization, budget: Budget, key: ApiKey, spark: Model, now: datetime
) -> None:
    spend(key, spark, 10, at=now)
    notice_budgets(now=now)

    change_budget(acme, budget, BudgetTerms(20 * DOLLAR), actor=ROBOT, now=now)
    assert notice_budgets(now=now) == 0, "half of it has been told already"
    spend(key, spark, 10, at=now)

    assert notice_budgets(now=now) == 1
    assert "$20.00 of $20.00" in mail.outbox[-1].body


def test_what_another_job_has_claimed_is_left_to_it_for_a_while(
    budget: Budget, key: ApiKey, spark: Model, now: datetime
) -> None:
    spend(key, spark, 6, at=now)
    assert note_reached(now=now) == 1
    assert len(budget_notices._claim(now)) == 1, "the other job dies here"

    assert notice_budgets(now=now) == 0
    assert notice_budgets(now=now + timedelta(minutes=6)) == 1


def test_a_mail_that_fails_is_sent_later(
    budget: Budget, key: ApiKey, spark: Model, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise SMTPException("no")

    spend(key, spark, 6, at=now)
    with monkeypatch.context() as broken:
        broken.setattr("billing.budget_notices.EmailMessage.send", fail)
        assert notice_budgets(now=now) == 0

    assert notice_budgets(now=now + timedelta(minutes=6)) == 1


def test_many_budgets_are_told_chunk_by_chunk_in_one_line_of_the_log(
    acme: Organization, ada: User, spark: Model, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget_notices, "AT_ONCE", 2)
    monkeypatch.setattr("billing.reached_budgets.AT_ONCE", 2)
    for number in range(5):
        key = make_key(acme, now=now, name=f"Key {number}").key
        set_for(key, now=now)
        spend(key, spark, 6, at=now)

    with capture_logs() as lines:
        assert notice_budgets(now=now) == 5

    assert [line for line in lines if line["event"] == "budgets.noticed"] == [
        {"event": "budgets.noticed", "log_level": "info", "reached": 5, "sent": 5, "failed": 0}
    ]


def test_a_budget_of_nothing_has_reached_nothing(acme: Organization, key: ApiKey, now: datetime) -> None:
    add_budget(acme, Node.KEY, key.pk, window=Window.DAY, terms=BudgetTerms(0), actor=ROBOT, now=now)

    assert notice_budgets(now=now) == 0
