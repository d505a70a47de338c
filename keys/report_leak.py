"""Stopping a key that was found in public. To hold it is reason enough: nobody else can show it."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Organization
from keys.disable import disable_key
from keys.find import find_key
from keys.models import ApiKey, LeakReport
from keys.revoke import revoke_key

LONGEST_URL = 500


@transaction.atomic
def report_leak(
    text: str, *, source: LeakReport.Source, now: datetime, url: str = "", address: str | None = None
) -> LeakReport | None:
    """Stop the key as its organization asks for; answer the report, or None for what is no key of ours.

    Owners and admins are mailed by a job. A key that was reported and stopped before is not reported again.
    """
    found = find_key(text.strip())
    if found is None:
        return None
    key = ApiKey.objects.select_for_update(of=["self"]).select_related("organization").get(pk=found.pk)
    before = LeakReport.objects.filter(key=key).order_by("-reported_at").first()
    if before is not None and key.status != ApiKey.Status.ACTIVE:
        return before
    actor = Actor(None, f"leak report ({source.label})", address)
    report = LeakReport.objects.create(
        key=key,
        source=source,
        url=url[:LONGEST_URL],
        outcome=_stop(key, actor, now),
        reported_at=now,
        reported_from=address,
    )
    record(actor, "key.leak_reported", key, at=now, source=source.value, url=report.url, outcome=report.outcome)
    return report


def _stop(key: ApiKey, actor: Actor, now: datetime) -> LeakReport.Outcome:
    if key.status != ApiKey.Status.ACTIVE:
        return LeakReport.Outcome.STOPPED_BEFORE
    if key.organization.leaked_keys == Organization.LeakedKeys.DISABLE:
        disable_key(key, actor=actor, now=now)
        return LeakReport.Outcome.DISABLED
    revoke_key(key, actor=actor, now=now, reason="found in public")
    return LeakReport.Outcome.REVOKED
