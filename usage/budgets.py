"""The only way to set or remove a budget: under the wallet's lock, so that settlement counts before it or after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from accounts.after_commit import after_commit
from core.budget import Node, Window, window_end, window_start
from core.errors import Invalid
from core.ids import NIL
from usage.budget_facts import publish_budgets
from usage.models import Budget, BudgetSpend, UsageRollup, Wallet

COLUMNS = {
    Node.ORGANIZATION: "organization_id",
    Node.PROJECT: "project_id",
    Node.KEY: "key_id",
    Node.MEMBER: "member_id",
    Node.END_CUSTOMER: "end_customer_id",
    Node.MODEL: "model_id",
}
MOST_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Place:
    """What a budget stands at: a node of an organization, by the id of its row."""

    organization: UUID
    node: Node
    node_id: UUID


@transaction.atomic
def set_budget(
    place: Place, window: Window, *, cap: int, is_hard: bool, thresholds: Sequence[int] = (), now: datetime
) -> Budget:
    """Let the node spend `cap` picodollars in each window, or only alert; in force everywhere after the commit.

    One budget per node and window: setting it again changes it, and what was spent stays. A new one begins with the
    exact sum of its present window. Permissions, audit and whether the node exists are the caller's to check. Raises
    Invalid.
    """
    _check(place, cap, thresholds)
    wallet = _locked_wallet(place.organization)
    terms = {"cap": cap, "is_hard": is_hard, "thresholds": sorted(set(thresholds))}
    begins = {"counted_from": window_start(window, now)}
    budget, is_new = Budget.objects.update_or_create(
        **_at(place), window=window, defaults=terms, create_defaults=terms | begins
    )
    if is_new:
        _count(budget, place)
    _moved(wallet)
    return budget


@transaction.atomic
def remove_budget(organization_id: UUID, budget_id: UUID) -> None:
    """Let the node spend what it likes; without such a budget nothing changes."""
    wallet = _locked_wallet(organization_id)
    if Budget.objects.filter(organization_id=organization_id, pk=budget_id).delete()[0]:
        _moved(wallet)


def _check(place: Place, cap: int, thresholds: Sequence[int]) -> None:
    if cap < 0:
        raise Invalid("A budget can't be less than nothing.")
    if not all(1 <= percent <= MOST_PERCENT for percent in thresholds):
        raise Invalid(f"Alerts stand between 1 and {MOST_PERCENT} percent of a budget.")
    if place.node_id == NIL or (place.node is Node.ORGANIZATION and place.node_id != place.organization):
        raise Invalid("A budget stands at an organization, or at something in it.")


def _locked_wallet(organization_id: UUID) -> Wallet:
    Wallet.objects.get_or_create(organization_id=organization_id)
    return Wallet.objects.select_for_update(no_key=True).get(organization_id=organization_id)


def _at(place: Place) -> dict[str, object]:
    return {"organization_id": place.organization, "node": place.node, "node_id": place.node_id}


def _count(budget: Budget, place: Place) -> None:
    """Put down what the present window holds already, from the rollups: windows begin at whole hours."""
    start = budget.counted_from
    end = window_end(Window(budget.window), start)
    used = UsageRollup.objects.filter(
        **{"organization_id": place.organization, COLUMNS[place.node]: place.node_id}, hour__gte=start
    )
    used = used if end is None else used.filter(hour__lt=end)
    spent = used.aggregate(spent=Sum("amount"))["spent"] or 0
    BudgetSpend.objects.create(budget=budget, window_start=start, spent=spent)


def _moved(wallet: Wallet) -> None:
    """The budgets' version is the wallet's: whatever is read under a higher one is newer."""
    wallet.version += 1
    wallet.save(update_fields=["version"])
    after_commit(publish_budgets, wallet.organization_id)
