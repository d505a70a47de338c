from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models.organization import Organization
from core.ids import uuid7


class EndCustomerQuerySet(models.QuerySet["EndCustomer"]):
    def of(self, organization: Organization) -> Self:
        return self.filter(organization=organization)

    def matching(self, words: str) -> Self:
        """Those whose id or name contains the words, in any case."""
        return self.filter(Q(external_id__icontains=words) | Q(name__icontains=words))


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
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_for = models.CharField(max_length=200, blank=True, help_text="Why, in the organization's own words.")
    facts_version = models.BigIntegerField(default=1, editable=False)
    created_at = models.DateTimeField()

    objects = EndCustomerQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "external_id"], name="one_end_customer_per_external_id"),
            models.CheckConstraint(
                condition=Q(status="suspended") ^ Q(suspended_at=None), name="a_suspended_end_customer_says_since_when"
            ),
        ]

    def __str__(self) -> str:
        return self.external_id
