"""The budget that a key has from its first request on."""

from datetime import datetime, timedelta

import pytest
from django.test import override_settings

from accounts.models import Organization, Project, User
from billing.budgets import BudgetTerms, add_budget
from billing.credits import Kind, grant_credit
from billing.new_keys import KeyBudget, daily_cap_of, has_paid, make_key, replace_key
from billing.open_account import open_account
from core.budget import Node, Window
from core.errors import NotAllowed
from keys.models import ApiKey
from tests.actors import acting
from tests.billing.plans import make_plan
from tests.factories import ROBOT
from usage.models import Budget

DOLLAR = 10**12


def new_key(project: Project, *, now: datetime, **fields: object) -> ApiKey:
    return make_key(project, name="Laptop", actor=ROBOT, now=now, **fields).key  # type: ignore[arg-type]


def budgets_of(key: ApiKey) -> list[tuple[str, int]]:
    found = Budget.objects.filter(node=Node.KEY, node_id=key.pk).order_by("window")
    return [(budget.window, int(budget.cap)) for budget in found]


def test_a_key_of_who_never_paid_may_spend_so_much_a_day(project: Project, ben: User, now: datetime) -> None:
    key = make_key(project, name="Laptop", actor=acting(ben), now=now).key

    assert budgets_of(key) == [("day", 25 * DOLLAR)]
    assert Budget.objects.get().is_hard


@override_settings(NEW_KEY_DAILY_CAP_CENTS=0)
def test_an_installation_may_cap_nothing(project: Project, now: datetime) -> None:
    assert budgets_of(new_key(project, now=now)) == []


def test_who_has_paid_once_is_not_capped(project: Project, acme: Organization, now: datetime) -> None:
    make_plan("free", now=now, is_default=True)
    open_account(acme, now=now)
    assert not has_paid(acme.pk), "the welcome credit is a gift"
    before = new_key(project, now=now)

    grant_credit(acme, kind=Kind.PAID, amount=DOLLAR, reason="Purchase", operation_key="op", actor=ROBOT, now=now)

    assert has_paid(acme.pk)
    assert budgets_of(new_key(project, now=now)) == []
    assert budgets_of(before) == [("day", 25 * DOLLAR)], "keys that exist keep theirs"


@pytest.mark.parametrize(
    ("rule", "cents", "cap"),
    [("own", 750, 750 * 10**10), ("own", 0, 0), ("none", None, None), ("default", None, 25 * DOLLAR)],
)
def test_an_organizations_own_rule_goes_first(
    acme: Organization, rule: str, cents: int | None, cap: int | None
) -> None:
    acme.new_key_cap, acme.new_key_cap_cents = rule, cents

    assert daily_cap_of(acme) == cap


def test_an_admin_key_spends_nothing(project: Project, now: datetime) -> None:
    assert budgets_of(new_key(project, now=now, kind="admin")) == []


def test_a_budget_of_ones_own_replaces_it_and_takes_the_permission(
    project: Project, ada: User, ben: User, now: datetime
) -> None:
    budget = KeyBudget(Window.MONTH, BudgetTerms(DOLLAR))

    key = make_key(project, name="Laptop", actor=acting(ada), now=now, budget=budget).key
    with pytest.raises(NotAllowed):
        make_key(project, name="Mine", actor=acting(ben), now=now, budget=budget)

    assert budgets_of(key) == [("month", DOLLAR)]
    assert not ApiKey.objects.filter(name="Mine").exists()


def test_a_rotated_keys_budgets_go_over_as_they_are(project: Project, acme: Organization, now: datetime) -> None:
    key = new_key(project, now=now)
    terms = BudgetTerms(3 * DOLLAR, is_hard=False, thresholds=[70])
    add_budget(acme, Node.KEY, key.pk, window=Window.WEEK, terms=terms, actor=ROBOT, now=now)

    new = replace_key(key, grace=timedelta(hours=1), actor=ROBOT, now=now).key

    assert budgets_of(new) == budgets_of(key) == [("day", 25 * DOLLAR), ("week", 3 * DOLLAR)]
    week = Budget.objects.get(node_id=new.pk, window="week")
    assert (week.is_hard, week.thresholds) == (False, [70])


def test_a_key_whose_budget_was_taken_away_is_replaced_by_one_without(project: Project, now: datetime) -> None:
    key = new_key(project, now=now)
    Budget.objects.all().delete()

    assert budgets_of(replace_key(key, grace=timedelta(0), actor=ROBOT, now=now).key) == []
