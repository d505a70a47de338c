"""Budgets of an organization: who may set and remove them, and at what. The counting is `usage.budgets`' business."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Organization
from accounts.permissions import Permission
from billing.budget_nodes import require_node
from billing.reached_budgets import forget_unreached
from core.budget import Node, Window
from core.errors import Conflict
from core.money import decimal_of_picos
from usage.budgets import Place, remove_budget, set_budget
from usage.models import Budget

THRESHOLDS = (50, 80, 100)


class BudgetExists(Conflict):
    code = "budget_exists"
    title = "There is a budget already"
    field = "window"


@dataclass(frozen=True, slots=True)
class BudgetTerms:
    """`cap` in picodollars; one that is not hard only tells people, at percentages of the cap."""

    cap: int
    is_hard: bool = True
    thresholds: Sequence[int] = THRESHOLDS


@transaction.atomic
def add_budget(
    organization: Organization,
    node: Node,
    node_id: UUID,
    *,
    window: Window,
    terms: BudgetTerms,
    actor: Actor,
    now: datetime,
) -> Budget:
    """Let the node spend so much in each window, in force everywhere within a second of the commit.

    Raises NotAllowed, NodeNotFound, BudgetExists where the node has one for this window, Invalid.
    """
    actor.require(Permission.MANAGE_BUDGETS, organization)
    require_node(organization, node, node_id)
    return place_budget(organization, node, node_id, window=window, terms=terms, actor=actor, now=now)


def place_budget(
    organization: Organization,
    node: Node,
    node_id: UUID,
    *,
    window: Window,
    terms: BudgetTerms,
    actor: Actor,
    now: datetime,
) -> Budget:
    """The same without asking for permission, within a transaction: for what a rule of the organization sets.

    The organization's row lock lets one of two that come at once find the other.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    at = {"organization_id": organization.pk, "node": node, "node_id": node_id, "window": window}
    if Budget.objects.filter(**at).exists():
        raise BudgetExists(f"This {node.label} has a {window.adjective} budget: change that one.")
    budget = _set(Place(organization.pk, node, node_id), window, terms, now)
    record(actor, "budget.set", budget, at=now, organization=organization, **_told(budget))
    return budget


@transaction.atomic
def change_budget(
    organization: Organization, budget: Budget, terms: BudgetTerms, *, actor: Actor, now: datetime
) -> Budget:
    """Put other terms in force; what was spent stays. Raises NotAllowed, Invalid."""
    actor.require(Permission.MANAGE_BUDGETS, organization)
    before = _told(budget)
    place = Place(organization.pk, Node(budget.node), budget.node_id)
    budget = _set(place, Window(budget.window), terms, now)
    forget_unreached(budget, now=now)
    if _told(budget) != before:
        record(actor, "budget.changed", budget, at=now, organization=organization, before=before, after=_told(budget))
    return budget


@transaction.atomic
def drop_budget(organization: Organization, budget: Budget, *, actor: Actor, now: datetime) -> None:
    """Let the node spend what it likes. Raises NotAllowed."""
    actor.require(Permission.MANAGE_BUDGETS, organization)
    record(actor, "budget.removed", budget, at=now, organization=organization, **_told(budget))
    remove_budget(organization.pk, budget.pk)


def _set(place: Place, window: Window, terms: BudgetTerms, now: datetime) -> Budget:
    return set_budget(place, window, cap=terms.cap, is_hard=terms.is_hard, thresholds=tuple(terms.thresholds), now=now)


def _told(budget: Budget) -> dict[str, Any]:
    """What the audit trail keeps of a budget."""
    return {
        "node": str(budget.node),
        "node_id": str(budget.node_id),
        "window": str(budget.window),
        "cap": f"{decimal_of_picos(int(budget.cap)).normalize():f}",
        "is_hard": budget.is_hard,
        "thresholds": list(budget.thresholds),
    }
