from django.db import models

from keys.models.api_key import ApiKey


class LeakReport(models.Model):
    """That somebody showed us a key found in public, and what was done about it."""

    class Source(models.TextChoices):
        PUBLIC = "public", "Whoever found it"
        GITHUB = "github", "GitHub secret scanning"

    class Outcome(models.TextChoices):
        REVOKED = "revoked"
        DISABLED = "disabled"
        STOPPED_BEFORE = "stopped_before"

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="leak_reports")
    source = models.CharField(max_length=8, choices=Source)
    url = models.CharField(max_length=500, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome)
    reported_at = models.DateTimeField()
    reported_from = models.GenericIPAddressField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["reported_at"], condition=models.Q(mailed_at=None), name="leak_reports_to_mail")
        ]

    def __str__(self) -> str:
        return f"{self.key} found by {self.source}"
