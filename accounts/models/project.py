from django.db import models

from accounts.models.organization import Organization
from core.ids import uuid7


class Project(models.Model):
    """Keys belong to a project; usage is told apart by it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="projects")
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="one_project_per_name_and_organization",
                violation_error_message="A project of this name exists.",
            )
        ]

    def __str__(self) -> str:
        return self.name
