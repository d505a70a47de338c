from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from accounts.models import Organization, Project
from core.ids import uuid7


class FileQuerySet(models.QuerySet["File"]):
    def of(self, project: UUID | str, *, at: datetime) -> Self:
        """A project's files that have not expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at), project_id=project)


class File(models.Model):
    """A file of a project. Its bytes are in its chunks and never change; `sha256` is theirs."""

    class Purpose(models.TextChoices):
        BATCH = "batch"
        BATCH_OUTPUT = "batch_output"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, models.CASCADE, related_name="files")
    purpose = models.CharField(max_length=16, choices=Purpose)
    filename = models.CharField(max_length=200)
    size = models.BigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = FileQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["project", "-id"], name="files_by_project")]

    def __str__(self) -> str:
        return self.filename

    @property
    def public_id(self) -> str:
        return f"file-{self.pk.hex}"


class FileChunk(models.Model):
    """A part of a file's bytes, in order of `position` from 0."""

    file = models.ForeignKey(File, models.CASCADE, related_name="chunks")
    position = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        ordering = ["file", "position"]
        constraints = [models.UniqueConstraint(fields=["file", "position"], name="one_chunk_per_position")]

    def __str__(self) -> str:
        return f"{self.file_id}, part {self.position}"
