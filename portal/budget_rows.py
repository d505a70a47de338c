"""Budgets as pages and API show them: with names, what was spent in the present window, and when it resets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import EndCustomer, Organization
from billing.budget_nodes import names_at
from core.budget import Node, Window, window_end, window_start
from keys.models import ApiKey
from usage.models import Budget, BudgetSpend

FULL = 100


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """`spent` is in picodollars, up to the newest settled request. `resets_at` is None for a lifetime."""

    budget: Budget
    name: str
    spent: int
    starts_at: datetime
    resets_at: datetime | None

    @property
    def node(self) -> Node:
        return Node(self.budget.node)

    @property
    def window(self) -> Window:
        return Window(self.budget.window)

    @property
    def percent(self) -> int:
        """Rounded down: 100 is what has been reached. What may spend nothing has reached it from the start."""
        return self.spent * FULL // int(self.budget.cap) if self.budget.cap else FULL

    @property
    def bar(self) -> int:
        return min(self.percent, FULL)

    @property
    def reached(self) -> int | None:
        """The highest threshold that was reached."""
        return max((each for each in self.budget.thresholds if each <= self.percent), default=None)

    @property
    def state(self) -> str:
        if self.percent >= FULL:
            return "refusing" if self.budget.is_hard else "over"
        return "near" if self.reached else "within"


def budget_rows(budgets: Iterable[Budget], *, organization: Organization, at: datetime) -> Sequence[BudgetRow]:
    """Answer a row for each, in order, with a query for the spending and one for the names at each kind of node."""
    budgets = list(budgets)
    spent, names = _spent(budgets, at), _names(budgets, organization)
    rows = []
    for budget in budgets:
        window = Window(budget.window)
        start = window_start(window, at)
        name = names.get(budget.node_id) or f"deleted {Node(budget.node).label}"
        rows.append(BudgetRow(budget, name, spent.get((budget.pk, start), 0), start, window_end(window, start)))
    return rows


def budgets_of_key(key: ApiKey, *, at: datetime) -> Sequence[BudgetRow]:
    budgets = Budget.objects.filter(organization_id=key.organization_id, node=Node.KEY, node_id=key.pk).order_by("id")
    return budget_rows(budgets, organization=key.organization, at=at)


def budgets_of_end_customer(customer: EndCustomer, *, at: datetime) -> Sequence[BudgetRow]:
    at_customer = {"organization_id": customer.organization_id, "node": Node.END_CUSTOMER, "node_id": customer.pk}
    budgets = Budget.objects.filter(**at_customer).order_by("id")
    return budget_rows(budgets, organization=customer.organization, at=at)


def _spent(budgets: Sequence[Budget], at: datetime) -> Mapping[tuple[UUID, datetime], int]:
    starts = [window_start(window, at) for window in Window]
    found = BudgetSpend.objects.filter(budget__in=[budget.pk for budget in budgets], window_start__in=starts)
    return {(row.budget_id, row.window_start): int(row.spent) for row in found}


def _names(budgets: Sequence[Budget], organization: Organization) -> Mapping[UUID, str]:
    names: dict[UUID, str] = {}
    for node in Node:
        ids = [budget.node_id for budget in budgets if budget.node == node]
        names |= names_at(organization, node, ids) if ids else {}
    return names
