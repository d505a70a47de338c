from uuid import UUID

from django.db import models
from django.db.models import Q

from batches.models.batch import Batch
from core.signed import line_event


class BatchLine(models.Model):
    """One request of a batch: what was sent, what came back, and what it used. Amounts are picodollars.

    `sent` is written before a line leaves: a line that is still `sent` when nobody holds the batch was lost with its
    worker, and may have been charged. It is `lost` until it has been tried again, under the same usage event.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        LOST = "lost"
        SUCCEEDED = "succeeded"
        ERRORED = "errored"
        CANCELED = "canceled"
        EXPIRED = "expired"

    TO_SEND = (State.WAITING, State.LOST)
    OPEN = (State.WAITING, State.SENT, State.LOST)

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField(help_text="Of the line in the file, or the place in the request, from 1.")
    custom_id = models.TextField()
    body = models.TextField(help_text="JSON; dropped once the batch's files are written.")
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    tries = models.PositiveIntegerField(default=0, help_text="How often the model server failed it.")
    status_code = models.PositiveSmallIntegerField(null=True)
    request_id = models.CharField(max_length=40, blank=True)
    response = models.TextField(blank=True, help_text="JSON.")
    input_tokens = models.BigIntegerField(default=0, help_text="Cached ones included.")
    cached_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0, help_text="Reasoning included.")
    reasoning_tokens = models.BigIntegerField(default=0)
    amount = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_line_per_number"),
            models.UniqueConstraint(fields=["batch", "custom_id"], name="one_line_per_custom_id"),
            models.CheckConstraint(
                condition=~Q(state="succeeded") | Q(status_code=200), name="a_line_that_succeeded_was_answered"
            ),
        ]
        indexes = [models.Index(fields=["batch", "state", "number"], name="lines_by_state")]

    def __str__(self) -> str:
        return self.custom_id

    @property
    def event(self) -> UUID:
        """The usage event of this line."""
        return line_event(self.batch_id, self.number)
