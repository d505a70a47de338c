"""Tells owners and admins that a key of theirs was frozen, why, and how to enable it again."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string

from accounts.models import Role
from core.money import decimal_of_picos
from keys.models import KeyFreeze

READERS = (Role.OWNER, Role.ADMIN)
AT_ONCE = 100
# A job that died while it told people has its freezes taken over after this long: at worst they are told twice.
CLAIMED_FOR = timedelta(minutes=5)
log = structlog.get_logger()


def mail_what_is_left(*, now: datetime) -> int:
    """Mail each freeze that hasn't been; answer how many. One that fails is tried again."""
    sent = 0
    while claimed := _claim(now):
        sent += sum([_tell(freeze, now) for freeze in claimed])
    return sent


@transaction.atomic
def _claim(now: datetime) -> list[KeyFreeze]:
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIMED_FOR)
    rows = KeyFreeze.objects.filter(free, mailed_at=None).order_by("frozen_at").select_related("key__organization")
    freezes = list(rows.select_for_update(of=["self"], skip_locked=True)[:AT_ONCE])
    KeyFreeze.objects.filter(pk__in=[freeze.pk for freeze in freezes]).update(claimed_at=now)
    return freezes


def _tell(freeze: KeyFreeze, now: datetime) -> bool:
    try:
        _mail(freeze)
    except OSError as error:
        log.warning("keys.freeze_mail_failed", key=str(freeze.key_id), error=str(error))
        return False
    KeyFreeze.objects.filter(pk=freeze.pk).update(mailed_at=now)
    return True


def _mail(freeze: KeyFreeze) -> None:
    organization = freeze.key.organization
    people = organization.memberships.filter(role__in=READERS, user__is_active=True)
    context = {
        "freeze": freeze,
        "key": freeze.key,
        "organization": organization,
        **{name: f"${decimal_of_picos(int(getattr(freeze, name))):,.2f}" for name in ("spent", "usual")},
        "known_hours": settings.VELOCITY_KNOWN_HOURS,
        "page": f"{settings.PORTAL_URL}/keys/{freeze.key.pk}/",
    }
    text = render_to_string("keys/email/frozen.txt", context)
    for address in people.values_list("user__email", flat=True):
        EmailMessage(f"An API key of {organization} is frozen", text, to=[address]).send()
