"""Ending a subscription with its period, and taking that back. What follows from the end is `subscriptions`' business.

Both set one field at Stripe, and may be asked for in turns. So each change is an intent of its own, numbered by those
that succeeded before it; one that a crash left pending is finished first, whichever of the two it was, and what
Stripe then has decides whether anything is left to do.
"""

from datetime import datetime

from django.db import transaction
from stripe.params import SubscriptionUpdateParams

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Organization
from accounts.permissions import Permission
from billing.models import ProviderCall, Subscription
from billing.payments.calls import ProviderUnavailable, call_once, nothing_to_find, translated_failures
from billing.payments.client import client
from billing.payments.locks import one_at_a_time
from billing.payments.subscriptions import fetch_subscription, sync_subscription
from core.errors import Conflict

OPERATION = "subscription-end"
# One intent that a crash has left, and the one that is wanted.
CALLS = 2


class NothingToCancel(Conflict):
    code = "nothing_to_cancel"
    title = "There is no subscription to cancel"


@translated_failures()
def cancel_at_period_end(organization: Organization, *, actor: Actor, now: datetime) -> Subscription:
    """Let the subscription end with the period that is paid; answer it with `cancel_at`.

    Again, it changes nothing. Raises `NotAllowed`, `NothingToCancel`.
    """
    return _set(organization, ends=True, actor=actor, now=now)


@translated_failures()
def keep_subscription(organization: Organization, *, actor: Actor, now: datetime) -> Subscription:
    """Take the end back: the subscription renews as before. Raises as above, once it has ended, too."""
    return _set(organization, ends=False, actor=actor, now=now)


def _set(organization: Organization, *, ends: bool, actor: Actor, now: datetime) -> Subscription:
    actor.require(Permission.MANAGE_BILLING, organization)
    with one_at_a_time(organization.pk):
        subscription = _synced(_live(organization), now=now)
        if _ends(subscription) == ends:
            return subscription
        _note(subscription, ends=ends, actor=actor, now=now)
        for _ in range(CALLS):
            _send(subscription, ends=ends, now=now)
            subscription = _synced(subscription, now=now)
            if _ends(subscription) == ends:
                return subscription
    raise ProviderUnavailable


def _live(organization: Organization) -> Subscription:
    """Answer the subscription that can end; one whose first payment is still open expires by itself."""
    live = Subscription.objects.live().exclude(status=Subscription.Status.INCOMPLETE)
    subscription = live.filter(organization=organization).first()
    if subscription is None:
        raise NothingToCancel("Your organization has no subscription.")
    return subscription


def _synced(subscription: Subscription, *, now: datetime) -> Subscription:
    """Fetch it, because our copy may be behind."""
    sync_subscription(subscription.stripe_subscription_id, now=now)
    return _live(subscription.organization)


def _ends(subscription: Subscription) -> bool:
    return subscription.cancel_at is not None


@transaction.atomic(durable=True)
def _note(subscription: Subscription, *, ends: bool, actor: Actor, now: datetime) -> None:
    """Write down who asked, before Stripe is asked: no crash makes a change that nobody asked for."""
    action = "subscription.cancel_requested" if ends else "subscription.keep_requested"
    record(actor, action, subscription, at=now, period_end=subscription.current_period_end)


def _send(subscription: Subscription, *, ends: bool, now: datetime) -> None:
    stripe_id = subscription.stripe_subscription_id
    done = ProviderCall.objects.filter(
        operation=OPERATION, subject__startswith=f"{stripe_id}:", status=ProviderCall.Status.SUCCEEDED
    )
    call_once(
        OPERATION,
        f"{stripe_id}:{done.count()}",
        request=_request(stripe_id, ends=ends),
        send=lambda params, options: client().v1.subscriptions.update(stripe_id, params, options),
        find=nothing_to_find,
        now=now,
    )


def _request(stripe_id: str, *, ends: bool) -> SubscriptionUpdateParams:
    """An end that was set as an instant is taken back as one: Stripe keeps the two apart."""
    if ends or fetch_subscription(stripe_id).cancel_at_period_end:
        return {"cancel_at_period_end": ends}
    return {"cancel_at": ""}
