from django.db import models
from django.db.models import Q

from core.ids import uuid7


class ProviderCall(models.Model):
    """The intent to change something at the provider, committed before the call; it makes the idempotency key.

    `attempt` rises only when a new try is wanted after a definitive refusal: the provider replays its saved answer
    under the same key, refusals included.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    operation = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    attempt = models.PositiveIntegerField(default=1)
    idempotency_key = models.CharField(max_length=255, unique=True)
    request = models.JSONField(help_text="What is sent; a repeated attempt sends the same.")
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    provider_id = models.CharField(max_length=120, blank=True)
    error = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["operation", "subject", "attempt"], name="one_call_per_attempt"),
            models.UniqueConstraint(
                fields=["operation", "subject"],
                condition=Q(status__in=["pending", "succeeded"]),
                name="one_call_pending_or_done",
            ),
        ]

    def __str__(self) -> str:
        return self.idempotency_key


class WebhookEvent(models.Model):
    """The inbox: each event of the provider once, by its id; handled by fetching the object that it names."""

    id = models.CharField(primary_key=True, max_length=80)
    type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=80)
    api_version = models.CharField(max_length=40, blank=True)
    payload = models.JSONField()
    created_at = models.DateTimeField(help_text="By the provider's clock.")
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-received_at"]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(processed_at=None), name="unprocessed_webhook_events")
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.object_id}"
