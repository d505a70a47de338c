from django.db import models
from django.db.models import Q

from usage.models import Budget


class BudgetNotice(models.Model):
    """That a budget reached a threshold in one of its windows, and when people were told.

    `claimed_at` says which job is about to tell them, so that two jobs at once don't.
    """

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="notices")
    window_start = models.DateTimeField()
    threshold = models.PositiveSmallIntegerField(help_text="Percent of the cap.")
    reached_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "window_start", "threshold"], name="one_notice_per_budget_window_and_threshold"
            )
        ]
        indexes = [models.Index(fields=["budget"], condition=Q(mailed_at=None), name="budget_notices_to_mail")]

    def __str__(self) -> str:
        return f"{self.threshold} % of {self.budget}"
