from django.db import models
from django.db.models import Q

from keys.models.api_key import ApiKey


class IdempotentIssue(models.Model):
    """That a program has made something under an idempotency key of its own; forgotten after a day.

    `issued` is a key, and `sealed` its text, which only the same program with the same idempotency key can open.
    Whatever else it made is named by its id in `made`.
    """

    caller = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    name_hash = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    issued = models.ForeignKey(ApiKey, models.CASCADE, related_name="+", null=True)
    made = models.UUIDField(null=True)
    sealed = models.BinaryField(default=bytes)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "name_hash"], name="one_key_per_caller_and_idempotency_key"),
            models.CheckConstraint(condition=Q(issued=None) | Q(made=None), name="a_program_made_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.issued or self.made} by {self.caller}"
