from django.db import models

from billing.models.credit_grant import CreditGrant


class ExpiryNotice(models.Model):
    """That the owners were told of a grant's coming expiry. Written once the mail was handed over."""

    grant = models.ForeignKey(CreditGrant, models.PROTECT, related_name="expiry_notices")
    days_before = models.PositiveSmallIntegerField(help_text="Which of the notices it was: 90, 30, 7 or 1.")
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grant", "days_before"], name="one_expiry_notice_per_grant_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.days_before} days before: {self.grant}"
