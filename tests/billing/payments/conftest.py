"""The real SDK against the stand-in as a process of its own; the product's settings point there."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import stripe
from pytest_django import Settings

from accounts.models import Organization
from billing.invariants import RULES
from billing.open_account import open_account
from billing.payments.client import client
from catalog.models import Model
from keys.models import ApiKey
from tests.billing.payments.shop import SECRET, Shop
from tests.factories import make_key, make_model
from tests.sandbox.stripe.running import Running

KEY = "sk_test_sandbox_billing"


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("stripe") / "stripe.sqlite3")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def stripe_settings(sandbox: Running, settings: Settings, tmp_path: Path) -> Settings:
    """Point the product at the stand-in, with a folder for secrets of the test's own."""
    settings.STRIPE_SECRET_KEY = KEY
    settings.STRIPE_SANDBOX_URL = sandbox.url
    settings.STRIPE_WEBHOOK_SECRET = SECRET
    settings.VAR_DIR = tmp_path
    settings.DEMO = True
    return settings


@pytest.fixture
def provider(stripe_settings: Settings) -> stripe.StripeClient:
    """Answer the product's own client."""
    return client()


@pytest.fixture
def shop(transactional_db: None, stripe_settings: Settings, acme: Organization, now: datetime) -> Iterator[Shop]:
    """Open Acme's account, and publish a plan of $20 with $25 of credit and $100 of overage.

    Whatever the test does, the books keep every promise afterwards.
    """
    open_account(acme, now=now)
    yield Shop(now=now)
    assert {rule.name: list(rule.violations()) for rule in RULES} == {rule.name: [] for rule in RULES}


@pytest.fixture
def subscribed(shop: Shop, acme: Organization) -> Organization:
    shop.subscribe(acme)
    return acme


@pytest.fixture
def key(subscribed: Organization, now: datetime) -> ApiKey:
    """A key of an organization that has just subscribed."""
    return make_key(subscribed, now=now).key


@pytest.fixture
def spark(shop: Shop, now: datetime) -> Model:
    return make_model(now=now)
