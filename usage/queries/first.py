from datetime import datetime
from uuid import UUID

from usage.models import UsageEvent


def first_event_of(organization: UUID, *, key: UUID, since: datetime) -> UsageEvent | None:
    """Answer the first request made with a key. `since`, the key's birth, keeps older events from being read."""
    events = UsageEvent.objects.filter(organization_id=organization, key_id=key, occurred_at__gte=since)
    return events.order_by("occurred_at", "id").first()
