from django.contrib.postgres.fields import ArrayField
from django.db import models


class Promise(models.Model):
    """What the last check found of one promise of the books."""

    name = models.CharField(max_length=120, primary_key=True)
    checked_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    violations = ArrayField(models.TextField(), default=list, help_text="The first of them; none where it holds.")
    broken_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "promise of the books"
        verbose_name_plural = "promises of the books"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(violations__len=0) ^ models.Q(broken_since__isnull=False),
                name="a_broken_promise_says_since_when",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_kept(self) -> bool:
        return self.broken_since is None
