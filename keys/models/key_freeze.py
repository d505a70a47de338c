from django.db import models

from keys.models.api_key import ApiKey


class KeyFreeze(models.Model):
    """That a key was frozen, and what was seen. Amounts in picodollars; see `billing.velocity` for the rule."""

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="freezes")
    frozen_at = models.DateTimeField()
    spent = models.DecimalField(max_digits=38, decimal_places=0, help_text="In the minutes before.")
    usual = models.DecimalField(max_digits=38, decimal_places=0, help_text="The most in an hour of the week before.")
    bound = models.DecimalField(max_digits=38, decimal_places=0, help_text="What the rule allowed.")
    minutes = models.PositiveSmallIntegerField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["frozen_at"], condition=models.Q(mailed_at=None), name="key_freezes_to_mail")]

    def __str__(self) -> str:
        return f"{self.key} frozen {self.frozen_at:%Y-%m-%d %H:%M}"
