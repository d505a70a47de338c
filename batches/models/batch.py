from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from accounts.models import Organization, Project
from batches.models.file import File
from core.ids import uuid7


class BatchQuerySet(models.QuerySet["Batch"]):
    def of(self, project: UUID | str, dialect: str) -> Self:
        return self.filter(project_id=project, dialect=dialect)

    def live(self) -> Self:
        return self.filter(status__in=Batch.LIVE)


class Batch(models.Model):
    """Requests that are answered within a day, at the service tier `batch`, on behalf of the key that made it.

    Statuses are OpenAI's; Anthropic's are derived from them. `leased_until` says that a worker is at it; one that was
    killed loses its lease, and another goes on. What it did is in its lines.
    """

    class Dialect(models.TextChoices):
        OPENAI = "openai", "OpenAI"
        ANTHROPIC = "anthropic"

    class Status(models.TextChoices):
        VALIDATING = "validating"
        FAILED = "failed"
        IN_PROGRESS = "in_progress"
        FINALIZING = "finalizing"
        COMPLETED = "completed"
        EXPIRED = "expired"
        CANCELLING = "cancelling"
        CANCELLED = "cancelled"

    LIVE = (Status.VALIDATING, Status.IN_PROGRESS, Status.FINALIZING, Status.CANCELLING)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, models.CASCADE, related_name="batches")
    api_key_id = models.UUIDField(help_text="The row of the key that made it.")
    public_key_id = models.CharField(max_length=12, help_text="The same key, as gateways know it.")
    dialect = models.CharField(max_length=16, choices=Dialect)
    endpoint = models.CharField(max_length=64)
    anthropic_version = models.CharField(max_length=16, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.VALIDATING)
    input_file = models.ForeignKey(File, models.SET_NULL, null=True, related_name="+")
    input_file_public_id = models.CharField(max_length=40, blank=True)
    output_file = models.ForeignKey(File, models.SET_NULL, null=True, related_name="+")
    error_file = models.ForeignKey(File, models.SET_NULL, null=True, related_name="+")
    metadata = models.JSONField(null=True)
    errors = models.JSONField(default=list, help_text="Why it failed: code, line, message, param.")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    in_progress_at = models.DateTimeField(null=True)
    finalizing_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)
    cancelling_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    not_before = models.DateTimeField(null=True, help_text="Backing off: nothing is sent until then.")

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "batches"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["project", "-id"], name="batches_by_project"),
            models.Index(
                fields=["id"],
                condition=Q(status__in=["validating", "in_progress", "finalizing", "cancelling"]),
                name="live_batches",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(leased_until=None, lease=None) | Q(leased_until__isnull=False, lease__isnull=False),
                name="a_lease_has_a_holder_and_an_end",
            )
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        return f"{'batch' if self.dialect == self.Dialect.OPENAI else 'msgbatch'}_{self.pk.hex}"

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE

    @property
    def ended_at(self) -> datetime | None:
        return self.completed_at or self.cancelled_at or self.expired_at or self.failed_at
