"""Instants as people say them."""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils import timezone

register = template.Library()

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LONGEST_IN_DAYS = 30


@register.filter
def ago(hour: datetime) -> str:
    """How long ago the hour was that begins at `hour`: as exact as an hourly sum allows."""
    hours = (timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) - hour) // HOUR
    if hours < 1:
        return "this hour"
    if hours == 1:
        return "last hour"
    return f"{hours} hours ago" if hours < DAY // HOUR else _days_ago(hours * HOUR // DAY, hour)


def _days_ago(days: int, hour: datetime) -> str:
    if days > LONGEST_IN_DAYS:
        return f"{hour:%-d %b %Y}"
    return "yesterday" if days == 1 else f"{days} days ago"
