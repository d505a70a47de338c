from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Organization
from billing.models.rating_run import RatingRun
from core.ids import uuid7


class CreditGrant(models.Model):
    """Prepaid or given credit, in picodollars.

    Burnt in the order priority, earliest expiry, promotional before plan before paid, oldest, id.
    """

    class Kind(models.TextChoices):
        PROMOTIONAL = "promotional"
        PLAN = "plan", "included in the plan"
        PAID = "paid"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="credit_grants")
    kind = models.CharField(max_length=16, choices=Kind)
    priority = models.PositiveSmallIntegerField(default=100, help_text="Lower burns first.")
    currency = models.CharField(max_length=3, default="USD")
    amount = models.DecimalField(max_digits=38, decimal_places=0)
    remaining = models.DecimalField(max_digits=38, decimal_places=0)
    expired = models.DecimalField(max_digits=38, decimal_places=0, default=0, help_text="Picodollars lost at expiry.")
    expires_at = models.DateTimeField(null=True, blank=True)
    expired_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200)
    operation_key = models.CharField(max_length=120, unique=True, help_text="One grant per business operation.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="grants_are_positive"),
            models.CheckConstraint(
                condition=Q(remaining__gte=0, expired__gte=0) & Q(remaining__lte=F("amount") - F("expired")),
                name="a_grant_is_spent_at_most_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} credit: {self.reason}"


class CreditConsumption(models.Model):
    """How much of a grant a rating run burnt, in picodollars."""

    grant = models.ForeignKey(CreditGrant, models.PROTECT, related_name="consumptions")
    run = models.ForeignKey(RatingRun, models.PROTECT, related_name="consumptions")
    amount = models.DecimalField(max_digits=38, decimal_places=0)
    invoice_line = models.ForeignKey(
        "billing.InvoiceLine", models.PROTECT, null=True, blank=True, related_name="consumptions"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grant", "run"], name="one_consumption_per_grant_and_run"),
            models.CheckConstraint(condition=~Q(amount=0), name="consumptions_are_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.grant}"
