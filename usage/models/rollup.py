from django.db import models

from core.ids import NIL
from usage.models.counts import CountedTokens


class UsageRollup(CountedTokens):
    """Sums of the events of one hour (UTC, by time of occurrence). Written by `settle()` in the event's transaction."""

    pk = models.CompositePrimaryKey(
        "organization_id",
        "hour",
        "project_id",
        "key_id",
        "model_id",
        "end_customer_id",
        "member_id",
        "service_tier",
        "price_version_id",
        "currency",
    )
    organization_id = models.UUIDField()
    hour = models.DateTimeField()
    project_id = models.UUIDField()
    key_id = models.UUIDField()
    model_id = models.UUIDField()
    end_customer_id = models.UUIDField(default=NIL)
    member_id = models.UUIDField(default=NIL)
    service_tier = models.TextField()
    price_version_id = models.UUIDField()
    currency = models.TextField()
    events = models.BigIntegerField()
    amount = models.DecimalField(max_digits=38, decimal_places=0)

    class Meta:
        db_table = "usage_rollup"

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h"
