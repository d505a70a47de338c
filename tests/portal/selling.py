"""What the pages about money are tried on: Acme with usage, credit and invoices, made by the actions of billing."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Organization
from billing.close import close_period
from billing.invoice_status import mark_paid
from billing.invoicing import complete_from_provider
from billing.models import Invoice, PlanVersion, Subscription
from billing.open_account import open_account
from billing.periods import begin_subscription
from catalog.models import Model
from keys.models import ApiKey
from tests.billing.plans import MONTH_END, NEXT_END, TOKENS, make_plan, make_subscription, renew
from tests.billing.provider import finalized, plan_line
from tests.factories import make_key, make_model, use


@dataclass(frozen=True)
class Customer:
    """`build` is $20 a month with $25 of credit and $100 of overage."""

    organization: Organization
    key: ApiKey
    spark: Model
    free: PlanVersion
    build: PlanVersion


def customer_of(organization: Organization, *, now: datetime) -> Customer:
    """Open the account, with $5 of welcome credit."""
    free = make_plan("free", now=now, is_default=True, requests_per_minute=60)
    build = make_plan("build", now=now, monthly_fee=20_00, included_credit=25_00, overage_limit=100_00)
    open_account(organization, now=now)
    return Customer(organization, make_key(organization, now=now).key, make_model(now=now), free, build)


def subscribe(customer: Customer, *, now: datetime) -> Subscription:
    subscription = make_subscription(customer.organization, customer.build, start=now, end=MONTH_END)
    begin_subscription(subscription, now=now)
    return subscription


def draft_renewal(customer: Customer, subscription: Subscription, *, now: datetime, calls: int = 1) -> Invoice:
    """Close the first period after calls of $2.555 each."""
    for _ in range(calls):
        use(customer.key, customer.spark, at=now, counts=TOKENS)
    renew(subscription, NEXT_END)
    return close_period(subscription.periods.get().pk, now=now)


def issue(draft: Invoice, *, now: datetime, hosted_url: str = "https://pay.example/1") -> Invoice:
    fee = plan_line(20_00, start=MONTH_END, end=NEXT_END)
    return complete_from_provider(draft, finalized(draft, fee, at=MONTH_END, hosted_url=hosted_url), now=now)


def pay(invoice: Invoice, *, now: datetime) -> Invoice:
    return mark_paid(invoice, invoice.total, paid_at=MONTH_END, now=now)
