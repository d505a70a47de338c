from django.db import models

from keys.models.api_key import ApiKey


class IdempotentIssue(models.Model):
    """That a program has made a key under an idempotency key of its own; forgotten after a day.

    `sealed` is the new key's text, which only the same program with the same idempotency key can open.
    """

    caller = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    name_hash = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    issued = models.ForeignKey(ApiKey, models.CASCADE, related_name="+", null=True)
    sealed = models.BinaryField(default=bytes)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "name_hash"], name="one_key_per_caller_and_idempotency_key")
        ]

    def __str__(self) -> str:
        return f"{self.issued} by {self.caller}"
