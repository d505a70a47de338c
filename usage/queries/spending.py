"""What was spent, by one dimension, since a whole hour: from the rollups alone."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from usage.models import UsageRollup


def spent_by_end_customer(organization: UUID, ids: Iterable[UUID], *, since: datetime) -> Mapping[UUID, int]:
    """Answer picodollars of those that spent anything in hours that begin at `since` or later."""
    rollups = UsageRollup.objects.filter(organization_id=organization, end_customer_id__in=list(ids), hour__gte=since)
    sums = rollups.values("end_customer_id").annotate(paid=Sum("amount")).order_by()
    return {row["end_customer_id"]: int(row["paid"]) for row in sums}
