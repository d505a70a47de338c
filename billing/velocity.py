"""Finds keys whose spending is far out of their own usual, and has them frozen.

The rule, which the documentation publishes: a key is frozen when it spent, in the last VELOCITY_MINUTES, more than
VELOCITY_FLOOR_CENTS and more than VELOCITY_FACTOR times the most that it spent in any whole hour of the seven days
before. An organization or a key can be taken out; a key that was enabled after a freeze is left alone for
VELOCITY_KNOWN_HOURS. Instants are those at which requests were admitted, so that what is stored late freezes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import Max, Sum

from accounts.models import Organization
from core.ids import NIL
from core.money import picos_of_cents
from keys.freeze import Pattern, freeze_key
from keys.models import ApiKey
from usage.models import UsageEvent, UsageRollup

WEEK = timedelta(days=7)
AT_ONCE = 5_000
MOST_REPLACED = 20
log = structlog.get_logger()

# The hours that reach into the last minutes hold at least what was spent in them: whoever is below the floor there is
# not looked at further. One range of the primary key per organization.
SUSPECTS = """
    SELECT k.organization_id, k.id FROM keys_apikey k JOIN (
        SELECT r.key_id FROM accounts_organization o
        JOIN LATERAL (
            SELECT key_id, sum(amount) AS spent FROM usage_rollup
            WHERE organization_id = o.id AND hour >= %(hour)s GROUP BY key_id
        ) r ON r.spent > %(floor)s
        WHERE o.id > %(after)s AND o.id <= %(last)s AND o.velocity_freeze
    ) spending ON spending.key_id = k.id
    WHERE k.status = 'active' AND k.velocity_freeze
        AND (k.velocity_known_until IS NULL OR k.velocity_known_until <= %(now)s)
    ORDER BY k.id
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """`floor` in picodollars; 0 minutes freeze nothing."""

    minutes: int
    floor: int
    factor: int

    @classmethod
    def of_settings(cls) -> "Rule":
        return cls(settings.VELOCITY_MINUTES, picos_of_cents(settings.VELOCITY_FLOOR_CENTS), settings.VELOCITY_FACTOR)

    def bound(self, usual: int) -> int:
        """What may be spent in the minutes by a key that spent `usual` in its dearest hour."""
        return max(self.floor, self.factor * usual)


def freeze_what_races(*, now: datetime) -> int:
    """Freeze each key that breaks the rule; answer how many."""
    rule, looked_at, frozen = Rule.of_settings(), 0, 0
    for organization, key in _suspects(rule, now) if rule.minutes else ():
        looked_at += 1
        pattern = _pattern(organization, key, rule, now)
        if pattern.spent > pattern.bound and freeze_key(key, pattern, now=now) is not None:
            frozen += 1
    log.info("keys.velocity", looked_at=looked_at, frozen=frozen)
    return frozen


def _suspects(rule: Rule, now: datetime) -> Iterator[tuple[UUID, UUID]]:
    """Answer organization and key of those that could break the rule."""
    hour = _hour_of(now - timedelta(minutes=rule.minutes))
    after = NIL
    while ids := list(Organization.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        values: dict[str, Any] = {"hour": hour, "floor": rule.floor, "after": after, "last": ids[-1], "now": now}
        with connection.cursor() as cursor:
            cursor.execute(SUSPECTS, values)
            yield from cursor.fetchall()
        after = ids[-1]


def _pattern(organization: UUID, key: UUID, rule: Rule, now: datetime) -> Pattern:
    since = now - timedelta(minutes=rule.minutes)
    events = UsageEvent.objects.filter(organization_id=organization, key_id=key, occurred_at__gt=since)
    spent = int(events.aggregate(spent=Sum("amount"))["spent"] or 0)
    usual = _dearest_hour(organization, key, before=_hour_of(since))
    return Pattern(spent, usual, rule.bound(usual), rule.minutes)


def _dearest_hour(organization: UUID, key: UUID, *, before: datetime) -> int:
    """A key that replaced another by rotation goes on with that one's usual."""
    rollups = UsageRollup.objects.filter(
        organization_id=organization, key_id__in=_with_replaced(key), hour__gte=before - WEEK, hour__lt=before
    )
    hours = rollups.values("hour").annotate(spent=Sum("amount")).order_by()
    return int(hours.aggregate(most=Max("spent"))["most"] or 0)


def _with_replaced(key: UUID) -> list[UUID]:
    found, before = [key], [key]
    while before := list(ApiKey.objects.filter(replaced_by__in=before).values_list("pk", flat=True)[:MOST_REPLACED]):
        found += before
        if len(found) > MOST_REPLACED:
            break
    return found


def _hour_of(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
