from django.db import models

from core.ids import NIL
from core.usage_event import Outcome
from usage.models.counts import CountedTokens


class UsageEvent(CountedTokens):
    """One request, counted once. Written by the SQL function `settle()` alone; never changed.

    The table is partitioned by month over the id, whose first 48 bits are its time of birth: so the primary key keeps
    an id unique for ever, across all partitions. `amount` is exact, in picodollars, at the prices of
    `price_version_id`. `stored_version` is the wallet's version that this event made: events up to a version read
    under the wallet's lock are all there, whatever other transactions do. Other apps' rows are named by id.
    """

    pk = models.CompositePrimaryKey("organization_id", "id")
    organization_id = models.UUIDField()
    id = models.UUIDField()
    project_id = models.UUIDField()
    key_id = models.UUIDField()
    end_customer_id = models.UUIDField(default=NIL)
    member_id = models.UUIDField(default=NIL)
    model_id = models.UUIDField()
    price_version_id = models.UUIDField()
    service_tier = models.TextField(default="standard")
    currency = models.TextField(default="USD")
    amount = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    outcome = models.TextField(choices=[(each.value, each.value) for each in Outcome])
    is_stream = models.BooleanField(default=False)
    is_estimated = models.BooleanField(default=False)
    duration_ms = models.IntegerField(default=0)
    first_token_ms = models.IntegerField(null=True)
    request_id = models.TextField(default="")
    stored_at = models.DateTimeField()
    stored_version = models.BigIntegerField()

    class Meta:
        db_table = "usage_event"

    def __str__(self) -> str:
        return self.request_id or str(self.id)
