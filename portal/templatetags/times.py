"""Instants as people say them."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone

register = template.Library()

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEKS_SHOWN_IN_DAYS = 30


@register.filter
def ago(hour: datetime) -> str:
    """How long ago something happened in the hour that begins at `hour`: as exact as an hourly sum allows."""
    passed = timezone.now() - hour
    if passed < 2 * HOUR:
        return "within the last hour or two" if passed >= HOUR else "within the last hour"
    if passed < DAY:
        return f"{passed // HOUR} hours ago"
    days = passed // DAY
    if days > WEEKS_SHOWN_IN_DAYS:
        return f"{hour:%-d %b %Y}"
    return "yesterday" if days == 1 else f"{days} days ago"
