"""Setting, changing and removing budgets: who may, at what, and what the audit trail keeps."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import pytest

from accounts.models import AuditEntry, EndCustomer, Membership, Organization, Role, User
from billing.budget_nodes import NodeNotFound
from billing.budgets import BudgetExists, BudgetTerms, add_budget, change_budget, drop_budget
from core.budget import Node, Window
from core.errors import Invalid, NotAllowed
from core.usage import TokenCounts
from tests.actors import acting
from tests.factories import ROBOT, default_project, make_key, make_model, make_user, use
from usage.models import Budget, BudgetSpend

DOLLAR = 10**12
TERMS = BudgetTerms(25 * DOLLAR)

Nodes = dict[Node, UUID]


def nodes_of(organization: Organization, owner: User, *, now: datetime) -> Nodes:
    """An id of each kind of node; the model belongs to nobody."""
    customer = EndCustomer.objects.create(organization=organization, external_id="c-1", created_at=now)
    return {
        Node.ORGANIZATION: organization.pk,
        Node.PROJECT: default_project(organization).pk,
        Node.KEY: make_key(organization, now=now).key.pk,
        Node.MEMBER: owner.pk,
        Node.END_CUSTOMER: customer.pk,
    }


def add(organization: Organization, node: Node, id_: UUID, *, now: datetime, window: Window = Window.DAY) -> Budget:
    return add_budget(organization, node, id_, window=window, terms=TERMS, actor=ROBOT, now=now)


@pytest.mark.parametrize("node", Node)
def test_each_kind_of_node_can_have_one(acme: Organization, ada: User, now: datetime, node: Node) -> None:
    ids = nodes_of(acme, ada, now=now) | {Node.MODEL: make_model(now=now).pk}

    budget = add(acme, node, ids[node], now=now)

    assert (budget.node, budget.node_id, int(budget.cap), budget.is_hard) == (node, ids[node], 25 * DOLLAR, True)
    entry = AuditEntry.objects.get(action="budget.set")
    assert (entry.organization, entry.data["cap"], entry.data["node"]) == (acme, "25", node.value)


@pytest.mark.parametrize("node", [node for node in Node if node != Node.MODEL])
def test_nothing_of_another_organization_can(
    acme: Organization, elsewhere: Organization, eve: User, now: datetime, node: Node
) -> None:
    theirs = nodes_of(elsewhere, eve, now=now)

    with pytest.raises(NodeNotFound):
        add(acme, node, theirs[node], now=now)

    assert not Budget.objects.exists()


def test_neither_can_what_there_is_not_and_what_spends_nothing(acme: Organization, now: datetime) -> None:
    draft = make_model("muse-draft", now=now, stage="draft")
    admin = make_key(acme, now=now, kind="admin").key

    for node, id_ in ((Node.MODEL, draft.pk), (Node.KEY, admin.pk), (Node.PROJECT, uuid4())):
        with pytest.raises(NodeNotFound):
            add(acme, node, id_, now=now)


def test_a_second_one_of_the_same_window_is_refused(acme: Organization, now: datetime) -> None:
    add(acme, Node.ORGANIZATION, acme.pk, now=now)

    with pytest.raises(BudgetExists, match="daily"):
        add(acme, Node.ORGANIZATION, acme.pk, now=now)
    add(acme, Node.ORGANIZATION, acme.pk, now=now, window=Window.MONTH)


def test_it_begins_with_what_was_spent_in_its_window(acme: Organization, now: datetime) -> None:
    key = make_key(acme, now=now).key
    event = use(key, make_model(now=now), at=now, counts=TokenCounts(input=1_000))

    budget = add(acme, Node.KEY, key.pk, now=now)

    assert BudgetSpend.objects.get(budget=budget).spent == event.amount


def test_a_change_keeps_what_was_spent_and_is_audited(acme: Organization, now: datetime) -> None:
    key = make_key(acme, now=now).key
    event = use(key, make_model(now=now), at=now, counts=TokenCounts(input=1_000))
    budget = add(acme, Node.KEY, key.pk, now=now)

    changed = change_budget(
        acme, budget, BudgetTerms(DOLLAR // 2, is_hard=False, thresholds=[90]), actor=ROBOT, now=now
    )

    assert (changed.pk, int(changed.cap), changed.is_hard, changed.thresholds) == (budget.pk, DOLLAR // 2, False, [90])
    assert BudgetSpend.objects.get(budget=budget).spent == event.amount
    entry = AuditEntry.objects.get(action="budget.changed")
    assert (entry.data["before"]["cap"], entry.data["after"]["cap"]) == ("25", "0.5")


def test_the_same_terms_again_are_no_change(acme: Organization, now: datetime) -> None:
    budget = add(acme, Node.ORGANIZATION, acme.pk, now=now)

    change_budget(acme, budget, TERMS, actor=ROBOT, now=now)

    assert not AuditEntry.objects.filter(action="budget.changed").exists()


def test_one_that_is_removed_is_gone(acme: Organization, now: datetime) -> None:
    budget = add(acme, Node.ORGANIZATION, acme.pk, now=now)

    drop_budget(acme, budget, actor=ROBOT, now=now)

    assert not Budget.objects.exists()
    assert AuditEntry.objects.get(action="budget.removed").data["window"] == "day"


@pytest.mark.parametrize("terms", [BudgetTerms(-1), BudgetTerms(DOLLAR, thresholds=[0]), BudgetTerms(1, True, [101])])
def test_terms_that_make_no_sense_are_refused(acme: Organization, now: datetime, terms: BudgetTerms) -> None:
    with pytest.raises(Invalid):
        add_budget(acme, Node.ORGANIZATION, acme.pk, window=Window.DAY, terms=terms, actor=ROBOT, now=now)


@pytest.mark.parametrize(
    ("role", "may"), [(Role.ADMIN, True), (Role.FINANCE, True), (Role.DEVELOPER, False), (Role.VIEWER, False)]
)
def test_owners_admins_and_finance_manage_them(acme: Organization, now: datetime, role: Role, may: bool) -> None:
    person = make_user("max@acme.example")
    Membership.objects.create(organization=acme, user=person, role=role, created_at=now)
    budget = add(acme, Node.ORGANIZATION, acme.pk, now=now)
    calls: list[Callable[[], object]] = [
        lambda: add_budget(
            acme, Node.ORGANIZATION, acme.pk, window=Window.MONTH, terms=TERMS, actor=acting(person), now=now
        ),
        lambda: change_budget(acme, budget, TERMS, actor=acting(person), now=now),
        lambda: drop_budget(acme, budget, actor=acting(person), now=now),
    ]

    for call in calls:
        if may:
            call()
        else:
            with pytest.raises(NotAllowed):
                call()
