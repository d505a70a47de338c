"""Periods tile an organization's time. Their bounds are the provider's, not this machine's clock's."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from billing.apply_terms import apply_terms
from billing.credits import end_plan_credit
from billing.models import BillingPeriod, Subscription
from billing.wallet import lock_wallet
from core.errors import Conflict

CLOSER = Actor.job("billing periods")


class NoOpenPeriod(Conflict):
    code = "no_open_period"
    title = "No period without an end is there to take the subscription"


class NotRenewed(Conflict):
    code = "subscription_not_renewed"
    title = "The subscription's next period is not known yet"


@transaction.atomic
def begin_subscription(subscription: Subscription, *, now: datetime, end: datetime | None = None) -> BillingPeriod:
    """Let the subscription take over the organization's endless period, up to the end of its own first period.

    So the first renewal bills what was used before the subscription began, too. `end` is the first period's end where
    the subscription has been renewed since. Again, it answers the subscription's first period. Raises NoOpenPeriod.
    """
    lock_wallet(subscription.organization_id)
    apply_terms(subscription.organization_id)
    if begun := BillingPeriod.objects.filter(subscription=subscription).order_by("index").first():
        return begun
    end = end or subscription.current_period_end
    period = _locked(organization=subscription.organization_id, end=None, status=BillingPeriod.Status.OPEN)
    if period is None or period.start >= end:
        raise NoOpenPeriod(f"{subscription} has no period to begin with.")
    period.subscription = subscription
    period.end = end
    period.save(update_fields=["subscription", "end"])
    record(CLOSER, "subscription.begun", subscription, at=now, period=period.index, end=end)
    return period


@transaction.atomic
def end_subscription(subscription: Subscription, *, now: datetime) -> BillingPeriod | None:
    """End the subscription's open period at `ended_at`, and begin an endless one there; answer the ended one.

    It is left open, to be closed and billed. None where the subscription never had a period of its own. Again, it
    changes nothing.
    """
    lock_wallet(subscription.organization_id)
    apply_terms(subscription.organization_id)
    period = _locked(subscription=subscription, status=BillingPeriod.Status.OPEN)
    if period is None or subscription.ended_at is None:
        return None
    if subscription.ended_at <= period.start:
        return _released(period)
    assert period.end is not None
    period.end = min(period.end, subscription.ended_at)
    period.save(update_fields=["end"])
    end_plan_credit(subscription, at=period.end)
    open_next(period)
    record(CLOSER, "subscription.ended", subscription, at=now, period=period.index, end=period.end)
    return period


def open_next(period: BillingPeriod, *, end: datetime | None = None) -> BillingPeriod:
    """Answer the period that follows, made where there is none yet; call it under the wallet's lock.

    `end` is where the renewed subscription's new period ends; without it, where the subscription's row says.
    Raises NotRenewed where that isn't after the period.
    """
    if following := BillingPeriod.objects.filter(organization=period.organization_id, index=period.index + 1).first():
        return following
    assert period.end is not None
    subscription = period.subscription
    if subscription is None or _is_over(subscription, period.end):
        return _follow(period, subscription=None, end=None)
    end = end or subscription.current_period_end
    end = min(end, subscription.ended_at or end)
    if end <= period.end:
        raise NotRenewed(f"{subscription}: the period after {period} is not known yet.")
    following = _follow(period, subscription=subscription, end=end)
    if _is_over(subscription, end):
        _follow(following, subscription=None, end=None)
    return following


def period_ending_at(subscription: Subscription, instant: datetime) -> BillingPeriod | None:
    """Answer the subscription's period that the renewal at `instant` closes."""
    return BillingPeriod.objects.filter(subscription=subscription, end=instant).first()


def lock_period(period_id: UUID) -> BillingPeriod:
    periods = BillingPeriod.objects.select_for_update(no_key=True, of=("self",))
    return periods.select_related("organization", "subscription").get(pk=period_id)


def _locked(**which: object) -> BillingPeriod | None:
    return BillingPeriod.objects.select_for_update(no_key=True).filter(**which).order_by("index").last()


def _released(period: BillingPeriod) -> BillingPeriod:
    """A subscription that ended before its period had begun leaves it without end again."""
    period.subscription = None
    period.end = None
    period.save(update_fields=["subscription", "end"])
    return period


def _is_over(subscription: Subscription, at: datetime) -> bool:
    return subscription.ended_at is not None and subscription.ended_at <= at


def _follow(period: BillingPeriod, *, subscription: Subscription | None, end: datetime | None) -> BillingPeriod:
    assert period.end is not None
    return BillingPeriod.objects.create(
        organization=period.organization,
        subscription=subscription,
        index=period.index + 1,
        start=period.end,
        end=end,
    )
