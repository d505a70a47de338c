from django.db import models
from django.db.models import F, Q

from accounts.models import Organization
from billing.models.subscription import Subscription
from core.ids import uuid7
from core.period import Span


class BillingPeriod(models.Model):
    """`[start, end)` of one organization; periods follow each other without gap or overlap.

    The first begins with the organization. Without a subscription a period has no end until one begins. The database
    refuses overlaps (`periods_do_not_overlap`, in the migration).
    """

    class Status(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="periods")
    subscription = models.ForeignKey(Subscription, models.PROTECT, null=True, blank=True, related_name="periods")
    index = models.PositiveIntegerField()
    start = models.DateTimeField()
    end = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True, help_text="Why it could not be closed.")

    class Meta:
        ordering = ["organization", "index"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "index"], name="one_period_per_index"),
            models.UniqueConstraint(
                fields=["organization"], condition=Q(end=None), name="one_endless_period_per_organization"
            ),
            models.CheckConstraint(condition=Q(end=None) | Q(end__gt=F("start")), name="periods_end_after_they_start"),
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None) | Q(status="closed", closed_at__isnull=False),
                name="a_closed_period_says_when",
            ),
        ]

    def __str__(self) -> str:
        end = f"{self.end:%Y-%m-%d}" if self.end else "…"
        return f"{self.start:%Y-%m-%d} to {end}"

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)
