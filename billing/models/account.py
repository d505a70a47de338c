from django.db import models

from accounts.models import Organization


class BillingAccount(models.Model):
    """The organization as the payment provider knows it, and the version of its facts in Redis."""

    organization = models.OneToOneField(Organization, models.PROTECT, primary_key=True, related_name="billing_account")
    stripe_customer_id = models.CharField(max_length=64, null=True, unique=True, blank=True)
    stripe_test_clock_id = models.CharField(
        max_length=64, blank=True, help_text="Set in the demo, so that its time can be advanced."
    )
    facts_version = models.BigIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.organization)
