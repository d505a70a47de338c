"""Buying: a plan or credit, on Stripe's hosted page. What follows the payment is `checkout_completion`'s."""

from datetime import datetime

import structlog
from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Organization
from accounts.permissions import Permission
from billing.models import Checkout, PlanVersion, Subscription
from billing.payments.calls import ProviderRefused, translated_failures
from billing.payments.checkout_completion import finish_checkout
from billing.payments.customers import ensure_customer
from billing.payments.locks import one_at_a_time
from billing.payments.price_push import push_plan_version
from billing.payments.sessions import expire_session, open_session
from core.errors import Conflict, Invalid

log = structlog.get_logger(__name__)

# Cents.
LEAST_CREDIT = 500
MOST_CREDIT = 1_000_000


class AlreadySubscribed(Conflict):
    code = "already_subscribed"
    title = "There is a subscription already"

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        super().__init__(
            f"Your organization is subscribed to {subscription.plan_version.plan}; "
            "a second subscription is possible once that one has ended."
        )


class NotForSale(Invalid):
    code = "not_for_sale"
    title = "This can't be bought"


@translated_failures()
def start_subscription_checkout(
    organization: Organization, plan_version: PlanVersion, *, actor: Actor, now: datetime
) -> str:
    """Answer the address of the page where this plan is paid. Raises `AlreadySubscribed`, `NotForSale`."""
    actor.require(Permission.MANAGE_BILLING, organization)
    if not plan_version.is_published or plan_version.monthly_fee == 0:
        raise NotForSale(f"{plan_version.plan} can't be bought: it is not published, or has no fee.")
    with one_at_a_time(organization.pk):
        _withdraw_open_pages(organization, now=now)
        if subscription := Subscription.objects.live().filter(organization=organization).first():
            raise AlreadySubscribed(subscription)
        push_plan_version(plan_version, now=now)
        checkout = Checkout(kind=Checkout.Kind.SUBSCRIPTION, plan_version=plan_version, amount=plan_version.monthly_fee)
        return _start(checkout, organization, actor=actor, now=now)


@translated_failures()
def start_credit_checkout(organization: Organization, amount_cents: int, *, actor: Actor, now: datetime) -> str:
    """Answer the address of the page where credit is paid. Raises `NotForSale` outside the limits."""
    actor.require(Permission.MANAGE_BILLING, organization)
    if not LEAST_CREDIT <= amount_cents <= MOST_CREDIT:
        raise NotForSale(f"Buy between ${LEAST_CREDIT // 100:,} and ${MOST_CREDIT // 100:,} of credit at a time.")
    with one_at_a_time(organization.pk):
        checkout = Checkout(kind=Checkout.Kind.CREDIT, amount=amount_cents)
        return _start(checkout, organization, actor=actor, now=now)


def _start(checkout: Checkout, organization: Organization, *, actor: Actor, now: datetime) -> str:
    """Write the attempt, then ask for its page: what is paid there always has a row here."""
    customer = ensure_customer(organization, now=now).stripe_customer_id
    with transaction.atomic(durable=True):
        checkout.organization = organization
        checkout.created_by = actor.user
        checkout.created_at = now
        checkout.save(force_insert=True)
        record(actor, "checkout.started", checkout, at=now, kind=checkout.kind, amount=checkout.amount)
    session = open_session(checkout, customer=customer or "", now=now)
    checkout.stripe_session_id = session.id
    checkout.status = Checkout.Status.OPEN
    checkout.save(update_fields=["stripe_session_id", "status"])
    return session.url or ""


def _withdraw_open_pages(organization: Organization, *, now: datetime) -> None:
    """Close the pages of earlier attempts, so that no plan is bought twice; what was paid a moment ago counts."""
    open_ones = Checkout.objects.filter(
        organization=organization, kind=Checkout.Kind.SUBSCRIPTION, status=Checkout.Status.OPEN
    )
    for checkout in open_ones:
        try:
            expire_session(checkout, now=now)
        except ProviderRefused:
            log.info("checkout_page_is_not_open", checkout=str(checkout.pk))
        finish_checkout(checkout.stripe_session_id or "", now=now)
