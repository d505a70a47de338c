"""Files and batches as developers see them: official SDKs, a gateway, the portal, and a worker's turns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import anthropic
import openai
import pytest
import redis as redis_client
from django.utils import timezone
from pytest_django import Settings as DjangoSettings
from pytest_django.live_server_helper import LiveServer

from accounts.models import Organization
from batches.advance import advance_batch
from batches.models import Batch
from catalog.facts import model_facts
from catalog.models import Model, Upstream
from core.service_tier import ServiceTier
from core.tokens import parse_token
from gateway.server import configured
from gateway.settings import Settings
from keys.facts import key_facts
from keys.models import ApiKey
from tests.factories import PRICES, halved, make_key, make_model, make_organization
from tests.gateway.books import Books
from tests.gateway.conftest import SIGNING_KEY, books, database_url, gateway_settings, model_server
from tests.gateway.conftest import pytest_collection_modifyitems as need_database
from tests.gateway.published import Account, Publisher, new_account
from tests.gateway.serving import served

__all__ = ["books", "database_url", "gateway_settings", "model_server", "need_database"]

TURNS = 200


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    need_database(items)


@pytest.fixture
def installation(
    live_server: LiveServer, gateway_settings: Settings, settings: DjangoSettings, redis: redis_client.Redis
) -> Iterator[str]:
    """A gateway that passes on to a portal; answer the gateway's URL."""
    at = replace(gateway_settings, port=0, control_url=live_server.url, portal_url=live_server.url)
    with served(configured(at)) as url:
        settings.BATCH_SIGNING_KEY = SIGNING_KEY
        settings.GATEWAY_URL = settings.BATCH_GATEWAY_URL = url
        yield url


@dataclass(frozen=True)
class Developer:
    """A funded organization with a key, published."""

    organization: Organization
    key: ApiKey
    text: str
    account: Account
    url: str

    @property
    def openai(self) -> openai.OpenAI:
        return openai.OpenAI(api_key=self.text, base_url=f"{self.url}/v1", max_retries=0)

    @property
    def anthropic(self) -> anthropic.Anthropic:
        return anthropic.Anthropic(api_key=self.text, base_url=self.url, max_retries=0)


@pytest.fixture
def begun() -> datetime:
    return timezone.now() - timedelta(hours=1)


@pytest.fixture
def developer_for(installation: str, publisher: Publisher, books: Books, begun: datetime) -> Callable[..., Developer]:
    def make(name: str = "Acme", *, micros: int = 5_000_000) -> Developer:
        organization = make_organization(now=begun, name=name)
        issued = make_key(organization, now=begun)
        token = parse_token(issued.text, brand="tw")
        assert token is not None
        facts = replace(new_account().organization, id=str(organization.pk), version=100)
        account = publisher.account(Account(facts, key_facts(issued.key), token), micros=micros)
        books.fund(account.id, micros=micros)
        return Developer(organization, issued.key, issued.text, account, installation)

    return make


@pytest.fixture
def developer(developer_for: Callable[..., Developer], models: list[Model]) -> Developer:
    return developer_for()


@pytest.fixture
def publisher(redis: redis_client.Redis) -> Publisher:
    publisher = Publisher(redis)
    publisher.everything()
    return publisher


@pytest.fixture
def models(transactional_db: None, publisher: Publisher, begun: datetime) -> list[Model]:
    """Three that sell the tier `batch`, and one that doesn't."""
    return [
        published_model(publisher, "toll-spark", "muse-spark", now=begun),
        published_model(publisher, "toll-slow", "demo-slow", now=begun),
        published_model(publisher, "toll-embed", "muse-embed", now=begun, kind="embedding"),
        published_model(publisher, "toll-plain", "muse-spark", now=begun, tiers=None),
    ]


def published_model(publisher: Publisher, slug: str, served_as: str, *, now: datetime, **fields: Any) -> Model:
    tiers = fields.pop("tiers", {ServiceTier.BATCH: halved(PRICES)})
    model = make_model(slug, now=now, tiers=tiers, **fields)
    Upstream.objects.create(model=model, name="first", model_name=served_as, created_at=now)
    publisher.model(replace(model_facts(model, at=timezone.now()), version=100))
    return model


def work(batch_id: str) -> Batch:
    """Take a worker's turns at a batch until it has ended."""
    batch = Batch.objects.get(pk=batch_id.partition("_")[2])
    for _ in range(TURNS):
        if not batch.is_live:
            return batch
        Batch.objects.filter(pk=batch.pk).update(not_before=None)
        advance_batch(batch.pk)
        batch.refresh_from_db()
    pytest.fail(f"{batch} is still {batch.status}.")


def half_of(event: dict[str, Any]) -> int:
    """What the event costs at half the list price, in picodollars."""
    return sum(event[str(token_class)] * price // 2 for token_class, price in PRICES.items())
