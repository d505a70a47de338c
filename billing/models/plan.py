from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.ids import uuid7
from core.wire import RateLimits


class Plan(models.Model):
    """What the pricing page offers; its terms are in its versions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    summary = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(default=100)
    is_public = models.BooleanField(default=True, help_text="Listed on the pricing page.")
    is_default = models.BooleanField(
        default=False, help_text="Whose limits organizations without a subscription have. One plan alone."
    )
    stripe_product_id = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="one_default_plan",
                violation_error_message="Another plan is the default already: take it from that one first.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class PlanVersion(models.Model):
    """The terms of a plan. Immutable from publication on: the database refuses changes; subscriptions pin one."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(default=0, editable=False, help_text="Given at publication; a draft has 0.")
    status = models.CharField(max_length=16, choices=Status, default=Status.DRAFT, editable=False)
    currency = models.CharField(max_length=3, default="USD")
    monthly_fee = models.BigIntegerField(help_text="Cents.")
    included_credit = models.BigIntegerField(default=0, help_text="Cents of usage a month, as a credit grant.")
    overage_limit = models.BigIntegerField(
        default=0, help_text="Cents of usage beyond credit that may be invoiced at the period's end; 0 is prepaid only."
    )
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True, help_text="Empty is unlimited.")
    requests_per_day = models.PositiveIntegerField(null=True, blank=True, help_text="Days are in UTC.")
    input_tokens_per_minute = models.PositiveIntegerField(null=True, blank=True)
    output_tokens_per_minute = models.PositiveIntegerField(null=True, blank=True)
    concurrent_requests = models.PositiveIntegerField(null=True, blank=True)
    features = ArrayField(
        models.CharField(max_length=120), default=list, blank=True, help_text="Sentences for the pricing page."
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    stripe_price_id = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="one_plan_version_per_number"),
            models.UniqueConstraint(fields=["plan"], condition=Q(status="draft"), name="one_draft_version_per_plan"),
            models.CheckConstraint(
                condition=Q(monthly_fee__gte=0, included_credit__gte=0, overage_limit__gte=0),
                name="plan_amounts_are_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") ^ Q(published_at__isnull=False), name="a_published_version_says_when"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} v{self.number}" if self.is_published else f"{self.plan}, draft"

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED

    @property
    def limits(self) -> RateLimits:
        return RateLimits(
            requests_per_minute=self.requests_per_minute,
            input_tokens_per_minute=self.input_tokens_per_minute,
            output_tokens_per_minute=self.output_tokens_per_minute,
            concurrent_requests=self.concurrent_requests,
            requests_per_day=self.requests_per_day,
        )
