from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Organization
from billing.models.plan import PlanVersion
from core.ids import uuid7


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def live(self) -> Self:
        return self.filter(status__in=Subscription.LIVE)


class Subscription(models.Model):
    """Stripe's subscription as last fetched, and the plan version that it pins."""

    class Status(models.TextChoices):
        INCOMPLETE = "incomplete"
        TRIALING = "trialing"
        ACTIVE = "active"
        PAST_DUE = "past_due"
        UNPAID = "unpaid"
        PAUSED = "paused"
        CANCELED = "canceled"
        INCOMPLETE_EXPIRED = "incomplete_expired"

    # In service or on its way back to it; an organization has at most one such.
    LIVE = (Status.INCOMPLETE, Status.TRIALING, Status.ACTIVE, Status.PAST_DUE, Status.UNPAID, Status.PAUSED)
    IN_SERVICE = (Status.TRIALING, Status.ACTIVE, Status.PAST_DUE)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="subscriptions")
    plan_version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="subscriptions")
    status = models.CharField(max_length=24, choices=Status)
    stripe_subscription_id = models.CharField(max_length=64, unique=True)
    stripe_item_id = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    current_period_start = models.DateTimeField()
    current_period_end = models.DateTimeField()
    cancel_at = models.DateTimeField(null=True, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=~Q(status__in=["canceled", "incomplete_expired"]),
                name="one_live_subscription_per_organization",
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan_version} of {self.organization}"

    @property
    def is_in_service(self) -> bool:
        return self.status in self.IN_SERVICE
