"""An organization as Stripe's customer, made when something is first bought."""

from collections.abc import Iterable
from datetime import datetime

import stripe
from django.conf import settings
from stripe.params import CustomerCreateParams, CustomerListParams
from stripe.params.test_helpers import TestClockCreateParams

from accounts.models import Organization
from billing.models import BillingAccount
from billing.payments.calls import call_once
from billing.payments.client import client
from billing.payments.guard import refuse_livemode
from billing.payments.locks import one_at_a_time
from billing.payments.objects import first, metadata_of, timestamp

PAGE = 100


def ensure_customer(organization: Organization, *, now: datetime) -> BillingAccount:
    """Answer the account with its customer.

    In the demo each customer has a clock of its own, which begins at `now`, so that its time can be advanced alone.
    """
    with one_at_a_time(organization.pk):
        account = BillingAccount.objects.select_related("organization").get(organization=organization)
        if account.stripe_customer_id:
            return account
        if settings.DEMO:
            account.stripe_test_clock_id = _make_clock(organization, now)
            account.save(update_fields=["stripe_test_clock_id"])
        account.stripe_customer_id = _make_customer(account, now)
        account.save(update_fields=["stripe_customer_id"])
        return account


def account_of_customer(customer_id: str | None) -> BillingAccount | None:
    """Answer whose customer this is; None for one that another system has made in the same Stripe account."""
    if not customer_id:
        return None
    return BillingAccount.objects.select_related("organization").filter(stripe_customer_id=customer_id).first()


def _make_clock(organization: Organization, now: datetime) -> str:
    name = f"tollway {organization.pk}"
    clocks = client().v1.test_helpers.test_clocks
    request: TestClockCreateParams = {"frozen_time": timestamp(now), "name": name}
    return call_once(
        "test-clock",
        str(organization.pk),
        request=request,
        send=clocks.create,
        find=lambda: first(each for each in clocks.list({"limit": PAGE}).auto_paging_iter() if each.name == name),
        now=now,
    )


def _make_customer(account: BillingAccount, now: datetime) -> str:
    organization = account.organization
    request: CustomerCreateParams = {"name": organization.name, "metadata": {"organization": str(organization.pk)}}
    siblings: CustomerListParams = {"limit": PAGE}
    if organization.billing_email:
        request["email"] = siblings["email"] = organization.billing_email
    if account.stripe_test_clock_id:
        # Customers on a clock are listed only where the clock is named.
        request["test_clock"] = siblings["test_clock"] = account.stripe_test_clock_id
    return call_once(
        "customer",
        str(organization.pk),
        request=request,
        send=client().v1.customers.create,
        find=lambda: first(_ours(client().v1.customers.list(siblings).auto_paging_iter(), organization)),
        now=now,
    )


def _ours(customers: Iterable[stripe.Customer], organization: Organization) -> Iterable[stripe.Customer]:
    for customer in customers:
        refuse_livemode(livemode=customer.livemode)
        if metadata_of(customer).get("organization") == str(organization.pk):
            yield customer
