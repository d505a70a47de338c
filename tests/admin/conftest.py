"""A small world with a row in every table that the staff site shows."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import EndCustomer, Organization, User
from billing.models import (
    BillingPeriod,
    Booking,
    Checkout,
    CreditConsumption,
    CreditGrant,
    Invoice,
    InvoiceLine,
    PlanVersion,
    Promise,
    ProviderCall,
    RatingRun,
    WebhookEvent,
)
from billing.open_account import open_account
from catalog.models import Model
from core.usage import TokenCounts
from keys.models import ApiKey
from tests.actors import browser_of
from tests.billing.plans import make_plan, make_subscription
from tests.factories import make_key, make_model, use


@pytest.fixture
def staff(sam: User) -> Client:
    return browser_of(sam)


@pytest.fixture
def plan(db: None, now: datetime) -> PlanVersion:
    make_plan("free", now=now, is_default=True)
    return make_plan("build", now=now, monthly_fee=20_00, included_credit=25_00)


@pytest.fixture
def model(db: None, now: datetime) -> Model:
    return make_model(now=now)


@pytest.fixture
def key(acme: Organization, now: datetime) -> ApiKey:
    return make_key(acme, now=now).key


@pytest.fixture
def customer(acme: Organization, plan: PlanVersion, now: datetime) -> Organization:
    open_account(acme, now=now)
    return acme


@pytest.fixture
def world(customer: Organization, plan: PlanVersion, model: Model, key: ApiKey, now: datetime) -> Organization:
    """A subscriber with usage, a rated period, and an invoice."""
    event = use(key, model, at=now, counts=TokenCounts(input=1_000, requests=1))
    EndCustomer.objects.create(organization=customer, external_id="user-1", created_at=now)
    Promise.objects.create(name="The ledger sums to zero", checked_at=now, duration_ms=3)
    Checkout.objects.create(organization=customer, kind="subscription", plan_version=plan, amount=20_00, created_at=now)
    subscription = make_subscription(customer, plan, start=now, end=now + timedelta(days=30))
    period = BillingPeriod.objects.get(organization=customer)
    run = RatingRun.objects.create(period=period, sequence=1, from_version=0, to_version=2, rated_at=now)
    invoice = Invoice.objects.create(
        organization=customer,
        subscription=subscription,
        period=period,
        reason="subscription_cycle",
        subtotal=20_00,
        total=20_00,
        created_at=now,
    )
    line = InvoiceLine.objects.create(
        invoice=invoice,
        position=1,
        kind="usage",
        description="muse-spark, input tokens",
        quantity=1_000,
        exact_amount=event.amount,
        amount=0,
        period_start=now,
        period_end=now + timedelta(days=30),
    )
    Booking.objects.create(
        run=run,
        model_id=model.pk,
        price_version_id=event.price_version,
        token_class="input",
        unit_price=1_250_000,
        quantity=1_000,
        amount=event.amount,
        invoice_line=line,
    )
    CreditConsumption.objects.create(grant=CreditGrant.objects.get(organization=customer), run=run, amount=event.amount)
    ProviderCall.objects.create(
        operation="create_customer", subject=str(customer.pk), idempotency_key="k", request={}, created_at=now
    )
    WebhookEvent.objects.create(
        id="evt_1", type="invoice.paid", object_id="in_1", payload={}, created_at=now, received_at=now
    )
    return customer
