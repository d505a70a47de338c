"""The monthly partitions of the usage events, made before their month begins."""

from datetime import datetime

from django.db import connection

from core.period import months_after

MONTHS_AHEAD = 3


def prepare_partitions(now: datetime) -> list[str]:
    """Make the partitions of this month and the coming ones, and answer their names. Again, it changes nothing."""
    return [_prepare(months_after(now, ahead)) for ahead in range(MONTHS_AHEAD + 1)]


def _prepare(instant: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT make_usage_partition(%s)", [instant])
        name: str = cursor.fetchone()[0]
    return name
