"""Tells owners, admins and finance that credit is about to expire (`billing.expiry` says when)."""

from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.template.loader import render_to_string

from accounts.models import Role
from billing.expiry import DAYS_BEFORE, due_notice
from billing.models import CreditGrant, ExpiryNotice
from core.money import decimal_of_picos

READERS = (Role.OWNER, Role.ADMIN, Role.FINANCE)
CENT = Decimal("0.01")
log = structlog.get_logger()


def send_expiry_notices(*, now: datetime) -> int:
    """Send each notice that is due; answer how many. One that fails is tried again, at worst sent twice."""
    sent = sum([_send(grant, now) for grant in _expiring(now)])
    log.info("credit.expiry_notices", sent=sent)
    return sent


def _expiring(now: datetime) -> QuerySet[CreditGrant]:
    soon = now + timedelta(days=max(DAYS_BEFORE))
    grants = CreditGrant.objects.filter(expired_at=None, remaining__gt=0, expires_at__lte=soon)
    others = grants.exclude(kind=CreditGrant.Kind.PLAN)
    return others.select_related("organization").prefetch_related("expiry_notices").order_by("pk")


def _send(grant: CreditGrant, now: datetime) -> bool:
    due = due_notice(grant, now=now)
    if due is None:
        return False
    try:
        _mail(grant)
    except OSError as error:
        log.warning("credit.expiry_notice_failed", grant=grant.pk, error=str(error))
        return False
    ExpiryNotice.objects.get_or_create(grant=grant, days_before=due, defaults={"sent_at": now})
    return True


def _mail(grant: CreditGrant) -> None:
    organization = grant.organization
    readers = organization.memberships.filter(role__in=READERS, user__is_active=True)
    context = {
        "grant": grant,
        "organization": organization,
        "remaining": f"${decimal_of_picos(int(grant.remaining)).quantize(CENT):,}",
        "page": f"{settings.PORTAL_URL}/billing/",
    }
    text = render_to_string("billing/email/credit_expires.txt", context)
    for address in readers.values_list("user__email", flat=True):
        EmailMessage(f"Credit of {organization} expires soon", text, to=[address]).send()
