from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organization
from billing.models.plan import PlanVersion
from core.ids import uuid7


class Checkout(models.Model):
    """An attempt to buy, written before the provider's page is asked for; its id makes the idempotency key."""

    class Kind(models.TextChoices):
        SUBSCRIPTION = "subscription"
        CREDIT = "credit"

    class Status(models.TextChoices):
        PENDING = "pending"  # the provider has not answered yet
        OPEN = "open"
        COMPLETED = "completed"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="checkouts")
    kind = models.CharField(max_length=16, choices=Kind)
    plan_version = models.ForeignKey(PlanVersion, models.PROTECT, null=True, blank=True, related_name="+")
    amount = models.BigIntegerField(help_text="Cents.")
    currency = models.CharField(max_length=3, default="USD")
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    stripe_session_id = models.CharField(max_length=120, null=True, unique=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="subscription") ^ Q(plan_version=None), name="a_subscription_checkout_names_its_plan"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="checkouts_are_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} checkout {self.id}"
