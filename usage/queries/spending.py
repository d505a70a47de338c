"""What was spent since a whole hour: from the rollups alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from usage.models import UsageRollup


def spent_by_end_customer(organization: UUID, ids: Iterable[UUID], *, since: datetime) -> Mapping[UUID, int]:
    """Answer picodollars of those that spent anything in hours that begin at `since` or later."""
    rollups = UsageRollup.objects.filter(organization_id=organization, end_customer_id__in=list(ids), hour__gte=since)
    sums = rollups.values("end_customer_id").annotate(paid=Sum("amount")).order_by()
    return {row["end_customer_id"]: int(row["paid"]) for row in sums}


@dataclass(frozen=True, slots=True)
class Use:
    """`spent` in picodollars."""

    requests: int
    spent: int


def use_since(organization: UUID, hour: datetime) -> Use:
    """Answer what the organization used in hours that begin at `hour` or later."""
    sums = UsageRollup.objects.filter(organization_id=organization, hour__gte=hour).aggregate(
        calls=Sum("events"), paid=Sum("amount")
    )
    return Use(int(sums["calls"] or 0), int(sums["paid"] or 0))
