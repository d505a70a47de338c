"""Our copy of a subscription, and what follows when it begins, changes and ends.

Always fetched, whatever an event says, and under the organization's lock; what follows is done each time as if it had
not been done yet, and changes nothing where it had. So it doesn't matter which of an event, a page and the sweep comes
first, or where a job was interrupted.
"""

from datetime import datetime, timedelta

import stripe
import structlog
from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Organization
from billing.apply_terms import apply_terms
from billing.credits import grant_plan_credit
from billing.models import BillingAccount, PlanVersion, Subscription
from billing.payments.calls import translated_failures
from billing.payments.client import client
from billing.payments.customers import account_of_customer
from billing.payments.guard import refuse_livemode
from billing.payments.locks import one_at_a_time
from billing.payments.objects import id_of, instant, instant_or_none
from billing.periods import begin_subscription, end_subscription
from core.errors import Conflict
from core.period import months_after

SYNC = Actor.job("subscription sync")
Status = Subscription.Status
# Between two instants of one creation there may be seconds.
A_MOMENT = timedelta(hours=1)
FINAL = frozenset({Status.CANCELED, Status.INCOMPLETE_EXPIRED})

log = structlog.get_logger(__name__)


class UnknownPrice(Conflict):
    """A subscription of our customer has a price that no plan version has: somebody changed it at Stripe."""

    code = "unknown_price"
    title = "This subscription's price belongs to no plan"


class SecondSubscription(Conflict):
    """Two were paid at the same moment; staff cancel one of them at Stripe."""

    code = "second_subscription"
    title = "The organization has another live subscription"


@translated_failures()
def sync_subscription(subscription_id: str, *, now: datetime) -> Subscription | None:
    """Bring our row to where Stripe has the subscription. Answers None where it is nobody's whom we know.

    Raises `UnknownPrice`, `SecondSubscription`.
    """
    account = _account_of(subscription_id)
    if account is None:
        return None
    with one_at_a_time(account.organization_id):
        fetched = fetch_subscription(subscription_id)
        with transaction.atomic():
            return _write(fetched, account.organization, now=now)


def is_over(subscription: Subscription) -> bool:
    return subscription.status in FINAL


def fetch_subscription(subscription_id: str) -> stripe.Subscription:
    subscription = client().v1.subscriptions.retrieve(subscription_id)
    refuse_livemode(livemode=subscription.livemode)
    return subscription


def _account_of(subscription_id: str) -> BillingAccount | None:
    known = Subscription.objects.filter(stripe_subscription_id=subscription_id).first()
    if known:
        return BillingAccount.objects.select_related("organization").get(organization_id=known.organization_id)
    return account_of_customer(id_of(fetch_subscription(subscription_id).customer))


def _write(fetched: stripe.Subscription, organization: Organization, *, now: datetime) -> Subscription:
    """Lock the organization, save what was fetched, and do what follows from it."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    row = Subscription.objects.filter(stripe_subscription_id=fetched.id).first()
    before = (row.status, row.plan_version_id) if row else ("", None)
    row = row or _new(fetched, organization, now=now)
    if before[0] in FINAL:
        return row
    _copy(fetched, row)
    row.save()
    if (row.status, row.plan_version_id) != before:
        record(SYNC, f"subscription.{row.status}", row, at=now, organization=organization, before=before[0])
        _put_in_force(row, now=now)
    return row


def _new(fetched: stripe.Subscription, organization: Organization, *, now: datetime) -> Subscription:
    other = Subscription.objects.live().filter(organization=organization).first()
    if other and fetched.status not in FINAL:
        log.critical("second_subscription", organization=str(organization.pk), stripe_id=fetched.id)
        raise SecondSubscription(f"{organization} has {other.stripe_subscription_id}, and now {fetched.id} too.")
    return Subscription(organization=organization, stripe_subscription_id=fetched.id, created_at=now)


def _copy(fetched: stripe.Subscription, row: Subscription) -> None:
    item = fetched.items.data[0]
    row.plan_version = _plan_version_of(item.price.id)
    row.status = _status(fetched, row)
    row.stripe_item_id = item.id
    row.started_at = instant(fetched.start_date)
    row.current_period_start = instant(item.current_period_start)
    row.current_period_end = instant(item.current_period_end)
    # The portal sets `cancel_at` without `cancel_at_period_end`: the instant is what counts.
    row.cancel_at = instant_or_none(fetched.cancel_at)
    row.canceled_at = instant_or_none(fetched.canceled_at)
    row.ended_at = instant_or_none(fetched.ended_at)


def _status(fetched: stripe.Subscription, row: Subscription) -> str:
    """Answer Stripe's status; one that Stripe has added since leaves ours as it was."""
    if fetched.status in Status.values:
        return fetched.status
    log.error("unknown_subscription_status", status=fetched.status, stripe_id=fetched.id)
    return row.status or Status.INCOMPLETE


def _plan_version_of(price_id: str) -> PlanVersion:
    version = PlanVersion.objects.select_related("plan").filter(stripe_price_id=price_id).first()
    if version is None:
        log.critical("unknown_price", price=price_id)
        raise UnknownPrice(f"No plan version has the price {price_id}.")
    return version


def _put_in_force(row: Subscription, *, now: datetime) -> None:
    """Begin or end the period, grant the first credit, set the limits. In the transaction that saved the change."""
    if row.is_in_service and not row.periods.exists():
        _begin(row, now=now)
    if is_over(row):
        end_subscription(row, now=now)
    apply_terms(row.organization_id)


def _begin(row: Subscription, *, now: datetime) -> None:
    """Begin the first period, with its credit.

    Renewed since it began, when all that Stripe sent was lost, its first period ended a month after its start, and
    the credit comes with the first invoice, which tells that period's own start: one credit for one start.
    """
    if row.current_period_start > row.started_at + A_MOMENT:
        begin_subscription(row, now=now, end=months_after(row.started_at, 1))
        return
    begin_subscription(row, now=now)
    grant_plan_credit(row, start=row.current_period_start, end=row.current_period_end, actor=SYNC, now=now)
