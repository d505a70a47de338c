from django.db import models

from accounts.models.organization import Organization
from core.ids import uuid7


class EndCustomer(models.Model):
    """A customer of the developer, named by the developer's own id on the request."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="end_customers")
    external_id = models.CharField(max_length=200)
    name = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "external_id"], name="one_end_customer_per_external_id")
        ]

    def __str__(self) -> str:
        return self.external_id
