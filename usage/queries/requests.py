"""Single requests, as their events say."""

from collections.abc import Sequence
from uuid import UUID

from usage.models import UsageEvent
from usage.queries.selection import Selection


def latest_requests(selection: Selection, *, limit: int) -> Sequence[UsageEvent]:
    """Answer the newest requests first."""
    events = UsageEvent.objects.filter(
        occurred_at__gte=selection.start, occurred_at__lt=selection.end, **selection.conditions
    )
    return list(events.order_by("-occurred_at", "-id")[:limit])


def request_of(organization: UUID, id_: UUID) -> UsageEvent | None:
    """Answer the organization's request; another organization's is not found."""
    return UsageEvent.objects.filter(organization_id=organization, id=id_).first()
