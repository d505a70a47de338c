"""The figures of an organization's home page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Organization
from billing.models import BillingPeriod, PlanVersion
from billing.terms import terms_of
from keys.models import ApiKey
from usage.models import Wallet
from usage.queries import Dimension, Selection, Step, UsageSum, total_of, usage_by, wallet_of

# How far a gateway's clock may be ahead: its newest calls are shown nevertheless.
SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Overview:
    """`used` is since the open period began, exact, up to `at`."""

    wallet: Wallet
    since: datetime
    used: UsageSum
    terms: PlanVersion | None
    usable_keys: int


def overview_of(organization: Organization, *, at: datetime) -> Overview:
    since = _period_start(organization, at)
    selection = Selection(organization.pk, start=since, end=at + SKEW)
    return Overview(
        wallet=wallet_of(organization.pk),
        since=since,
        used=total_of(usage_by(selection, Dimension.MODEL, step=Step.MONTH)),
        terms=terms_of(organization.pk),
        usable_keys=ApiKey.objects.of(organization).usable(at).count(),
    )


def _period_start(organization: Organization, at: datetime) -> datetime:
    """In the demo the provider's clock may be ahead: the period that holds this moment is shown, not the newest."""
    periods = BillingPeriod.objects.filter(organization=organization, start__lte=at).order_by("-start")
    return periods.values_list("start", flat=True).first() or organization.created_at
