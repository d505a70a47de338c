from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.budget import Node, Window, window_end
from core.ids import uuid7


class Budget(models.Model):
    """How much a node of an organization may spend in each window, in picodollars.

    `is_hard` refuses what would go beyond `cap`; otherwise it only alerts. `thresholds` are percentages of `cap` at
    which people are told. `counted_from` is the start of the first window that was counted: from there on every event
    that stands below the node is in `BudgetSpend`. Written by `usage.budgets` alone, under the wallet's lock.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    node = models.TextField(choices=[(each.value, each.label) for each in Node])
    node_id = models.UUIDField()
    window = models.TextField(choices=[(each.value, each.value) for each in Window])
    cap = models.DecimalField(max_digits=38, decimal_places=0)
    is_hard = models.BooleanField(default=True)
    thresholds = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    counted_from = models.DateTimeField()

    class Meta:
        db_table = "usage_budget"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "node", "node_id", "window"], name="one_budget_per_node_and_window"
            ),
            models.CheckConstraint(condition=Q(cap__gte=0), name="caps_are_not_negative"),
            models.CheckConstraint(
                condition=Q(node__in=[each.value for each in Node]), name="a_budget_stands_at_a_known_node"
            ),
            models.CheckConstraint(
                condition=Q(window__in=[each.value for each in Window]), name="a_budget_counts_in_a_known_window"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.node} {self.node_id}, {self.window}"


class BudgetSpend(models.Model):
    """What was spent in one window of a budget, in picodollars; no row where nothing was. Moved by `settle()`."""

    pk = models.CompositePrimaryKey("budget_id", "window_start")
    budget = models.ForeignKey(
        Budget, models.CASCADE, related_name="spending", db_index=False
    )  # the key begins with it
    window_start = models.DateTimeField()
    spent = models.DecimalField(max_digits=38, decimal_places=0)

    class Meta:
        db_table = "usage_budget_spend"

    def __str__(self) -> str:
        return f"{self.budget_id} from {self.window_start:%Y-%m-%d}"

    @property
    def resets_at(self) -> datetime | None:
        return window_end(Window(self.budget.window), self.window_start)
