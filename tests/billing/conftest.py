"""Plans, a key and a model for the tests of money. `acme` has an open account, without the welcome credit."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import override_settings

from accounts.models import Organization
from billing.models import PlanVersion, Subscription
from billing.open_account import open_account
from billing.periods import begin_subscription
from catalog.models import Model
from keys.models import ApiKey
from tests.billing.plans import MONTH_END, make_plan, make_subscription
from tests.factories import make_key, make_model


@pytest.fixture(autouse=True)
def no_welcome_credit() -> Iterator[None]:
    with override_settings(SIGNUP_CREDIT_CENTS=0):
        yield


@pytest.fixture
def free(db: None, now: datetime) -> PlanVersion:
    return make_plan("free", now=now, is_default=True, requests_per_minute=60)


@pytest.fixture
def build(db: None, now: datetime) -> PlanVersion:
    """$20 a month with $25 of usage included, and $100 beyond it."""
    return make_plan("build", now=now, monthly_fee=20_00, included_credit=25_00, overage_limit=100_00)


@pytest.fixture
def customer(acme: Organization, free: PlanVersion, now: datetime) -> Organization:
    open_account(acme, now=now)
    return acme


@pytest.fixture
def spark(db: None, now: datetime) -> Model:
    return make_model(now=now)


@pytest.fixture
def key(customer: Organization, now: datetime) -> ApiKey:
    return make_key(customer, now=now).key


@pytest.fixture
def subscription(customer: Organization, build: PlanVersion, now: datetime) -> Subscription:
    """Acme on Build, from now to MONTH_END; the plan's credit has not been granted."""
    subscription = make_subscription(customer, build, start=now, end=MONTH_END)
    begin_subscription(subscription, now=now)
    return subscription
