from django.db import models
from django.db.models import Q

from accounts.models import Organization
from core.ids import uuid7


class LedgerAccount(models.Model):
    """An account of one organization, or of the house where `organization` is empty."""

    class Kind(models.TextChoices):
        CREDIT_HELD = "credit_held", "credit held (liability)"
        UNBILLED = "unbilled", "unbilled usage (asset)"
        RECEIVABLE = "receivable", "receivable (asset)"
        USAGE_REVENUE = "usage_revenue", "usage revenue"
        PLAN_REVENUE = "plan_revenue", "plan revenue"
        PROMOTIONS = "promotions", "promotions (expense)"
        PLAN_CREDIT = "plan_credit", "credit included in plans (contra revenue)"
        BREAKAGE = "breakage", "breakage"
        CASH = "cash", "cash clearing (asset)"
        ROUNDING = "rounding", "rounding"
        TAX = "tax", "tax (liability)"
        BAD_DEBT = "bad_debt", "bad debt (expense)"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="ledger_accounts"
    )
    kind = models.CharField(max_length=24, choices=Kind)
    currency = models.CharField(max_length=3, default="USD")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "currency"],
                condition=Q(organization__isnull=False),
                name="one_account_per_organization_and_kind",
            ),
            models.UniqueConstraint(
                fields=["kind", "currency"], condition=Q(organization=None), name="one_house_account_per_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.organization or 'the house'}"


class LedgerTransaction(models.Model):
    """A posting: entries that sum to zero, named by the business operation. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    operation_key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=40)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    description = models.CharField(max_length=200)
    effective_at = models.DateTimeField()
    posted_at = models.DateTimeField()

    class Meta:
        ordering = ["-posted_at", "-id"]

    def __str__(self) -> str:
        return self.operation_key


class LedgerEntry(models.Model):
    """Picodollars; a debit is positive, a credit negative. Append-only."""

    transaction = models.ForeignKey(LedgerTransaction, models.PROTECT, related_name="entries")
    account = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="entries")
    amount = models.DecimalField(max_digits=38, decimal_places=0)

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="entries_are_not_empty")]

    def __str__(self) -> str:
        return f"{self.amount} on {self.account}"
