"""Lets credit expire when its time has come, also of organizations that no period ends for."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from accounts.models import Organization
from billing.accrue import accrue
from billing.expiry import may_be_lost
from billing.models import CreditGrant
from billing.spend_credit import expire_credit

# A plan's credit ends with its period, whose close spends it first; this stands behind a close that never came.
GRACE_OF_PLANS = timedelta(days=2)
log = structlog.get_logger()


def expire_what_is_due(*, now: datetime) -> int:
    """Expire grants whose time has come, after usage up to now has been paid from them; answer how many organizations
    lost credit. Run again, it changes nothing.
    """
    organizations = sorted({grant.organization_id for grant in _due(now)})
    lost = [_expire(organization_id, now) for organization_id in organizations]
    log.info("credit.expired", organizations=len(lost), lost_picos=sum(lost))
    return len(lost)


def _due(now: datetime) -> list[CreditGrant]:
    grants = CreditGrant.objects.filter(expired_at=None, expires_at__lte=now).prefetch_related("expiry_notices")
    return [grant for grant in grants if may_be_lost(grant, at=now - _grace(grant), now=now)]


def _grace(grant: CreditGrant) -> timedelta:
    return GRACE_OF_PLANS if grant.kind == CreditGrant.Kind.PLAN else timedelta(0)


def _expire(organization_id: UUID, now: datetime) -> int:
    accrue(organization_id, now=now)
    return expire_credit(Organization.objects.get(pk=organization_id), at=now, now=now, plan_grace=GRACE_OF_PLANS)
