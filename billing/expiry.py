"""When credit expires, and when its owners hear of it before.

They are told 90, 30, 7 days and a day before. Paid credit is lost only a day after its third notice was sent: as long
as notices are missing when its time has come, they follow a week apart, and it stays. Credit that a plan includes
ends with each period, as the plan says, and has no notices.
"""

from datetime import datetime, timedelta

from billing.models import CreditGrant

DAYS_BEFORE = (90, 30, 7, 1)
NOTICES_OF_PAID = 3
OVERDUE_EVERY = timedelta(days=7)
LAST_DAY = timedelta(days=1)


def due_notice(grant: CreditGrant, *, now: datetime) -> int | None:
    """Answer the notice to send now, by its days before the expiry; None if none is due.

    Where several are due (a grant of short life, or a time without mail), the latest stands for all.
    """
    assert grant.expires_at is not None
    sent = {notice.days_before: notice.sent_at for notice in grant.expiry_notices.all()}
    if now >= grant.expires_at:
        return _overdue(grant, sent, now)
    begun = [days for days in DAYS_BEFORE if now >= grant.expires_at - timedelta(days=days)]
    return begun[-1] if begun and begun[-1] not in sent else None


def may_be_lost(grant: CreditGrant, *, at: datetime, now: datetime) -> bool:
    """Tell whether the grant expires at `at` or before, and may. `now` is when notices are held against."""
    if grant.expires_at is None or at < grant.expires_at:
        return False
    if not _is_paid(grant):
        return True
    sent = sorted(notice.sent_at for notice in grant.expiry_notices.all())
    return len(sent) >= NOTICES_OF_PAID and now >= max(grant.expires_at, sent[NOTICES_OF_PAID - 1] + LAST_DAY)


def _overdue(grant: CreditGrant, sent: dict[int, datetime], now: datetime) -> int | None:
    if not _is_paid(grant) or len(sent) >= NOTICES_OF_PAID:
        return None
    is_time = not sent or now >= max(sent.values()) + OVERDUE_EVERY
    return next(days for days in DAYS_BEFORE if days not in sent) if is_time else None


def _is_paid(grant: CreditGrant) -> bool:
    return grant.kind == CreditGrant.Kind.PAID
