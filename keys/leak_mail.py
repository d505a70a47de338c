"""Tells owners and admins that a key of theirs was found in public, and what was done."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from accounts.models import Role
from keys.models import LeakReport


def mail_what_is_left(*, now: datetime) -> int:
    """Mail each report that hasn't been; answer how many. One that fails is tried again, at worst sent twice."""
    left = LeakReport.objects.filter(mailed_at=None).select_related("key__organization").order_by("reported_at")
    reports = list(left)
    for report in reports:
        _mail(report)
        LeakReport.objects.filter(pk=report.pk).update(mailed_at=now)
    return len(reports)


def _mail(report: LeakReport) -> None:
    organization = report.key.organization
    people = organization.memberships.filter(role__in=(Role.OWNER, Role.ADMIN)).values_list("user__email", flat=True)
    context = {
        "report": report,
        "key": report.key,
        "organization": organization,
        "page": f"{settings.PORTAL_URL}/keys/{report.key.pk}/",
    }
    subject = f"An API key of {organization} was found in public"
    for address in people:
        EmailMessage(subject, render_to_string("keys/email/leak.txt", context), to=[address]).send()
