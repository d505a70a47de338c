"""Checks every promise of the books, keeps what was found, and tells staff when one breaks."""

import time
from datetime import datetime
from itertools import islice

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

from accounts.models import User
from billing.invariants import RULES, Rule
from billing.models import Promise

KEPT_VIOLATIONS = 20
log = structlog.get_logger()


def check_books(*, now: datetime) -> list[Promise]:
    """Check all of them, and answer what was found. A rule that is no more is forgotten.

    Staff hear by mail of what held before and is broken now, once.
    """
    results = [_checked(rule, now) for rule in RULES]
    broken = [result for result in results if not result.is_kept]
    log.log(40 if broken else 20, "books.checked", promises=len(results), broken=[each.name for each in broken])
    newly = [result for result in broken if result.broken_since == now]
    if newly:
        _mail(newly)
    _keep(results)
    return results


def _checked(rule: Rule, now: datetime) -> Promise:
    begun = time.monotonic()
    violations = list(islice(rule.violations(), KEPT_VIOLATIONS))
    before = Promise.objects.filter(name=rule.name).first()
    return Promise(
        name=rule.name,
        checked_at=now,
        duration_ms=round((time.monotonic() - begun) * 1000),
        violations=violations,
        broken_since=((before and before.broken_since) or now) if violations else None,
    )


@transaction.atomic
def _keep(results: list[Promise]) -> None:
    """Kept after the mail: where that fails, the next check sends it again."""
    Promise.objects.exclude(name__in=[result.name for result in results]).delete()
    for result in results:
        result.save()


def _mail(broken: list[Promise]) -> None:
    context = {"promises": broken, "page": f"{settings.PORTAL_URL}/admin/billing/promise/"}
    text = render_to_string("billing/email/books_broken.txt", context)
    for address in User.objects.filter(is_superuser=True, is_active=True).values_list("email", flat=True):
        EmailMessage(f"The books don't hold: {broken[0].name}", text, to=[address]).send()
