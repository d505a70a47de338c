from django.db import models


class Wallet(models.Model):
    """What an organization may still spend: `credit − spent + credit_limit`, in picodollars, with a version.

    Moved by `settle()` and by ledger postings, and nothing else; every move raises `version` by one. Its row lock
    orders everything that happens to an organization's money.
    """

    organization_id = models.UUIDField(primary_key=True)
    version = models.BigIntegerField(default=0, db_default=0)
    currency = models.TextField(default="USD", db_default="USD")
    credit = models.DecimalField(max_digits=38, decimal_places=0, default=0, db_default=0)
    spent = models.DecimalField(max_digits=38, decimal_places=0, default=0, db_default=0)
    credit_limit = models.DecimalField(max_digits=38, decimal_places=0, default=0, db_default=0)

    class Meta:
        db_table = "usage_wallet"
        constraints = [
            models.CheckConstraint(condition=models.Q(credit_limit__gte=0), name="credit_limits_are_not_negative")
        ]

    def __str__(self) -> str:
        return str(self.organization_id)

    @property
    def available(self) -> int:
        """Picodollars; below zero only where a price rose above its hold."""
        return int(self.credit - self.spent + self.credit_limit)
