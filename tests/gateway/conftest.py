"""A model server and a gateway in threads of the test process, real Redis and real PostgreSQL, the official SDK."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import openai
import pytest
import redis as redis_client
import uvicorn
from django.conf import settings as django_settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from gateway.server import configured
from gateway.settings import Settings, from_environment
from sandbox.model.app import make_app
from tests.gateway.books import Books
from tests.gateway.odd_upstream import odd_app
from tests.gateway.published import EMBED, SPARK, Account, Publisher, new_account, upstream
from tests.gateway.serving import served

TOKEN_DELAY = 0.002
DEMO_MODELS = (SPARK, EMBED, *(replace(SPARK, slug=name) for name in ("demo-broken", "demo-slow")))
PORTAL = "http://portal.test"
SIGNING_KEY = bytes(range(32))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """pytest-django makes the test database only for tests that say so."""
    for item in items:
        if "database_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db)


@pytest.fixture(scope="session")
def model_server() -> Iterator[str]:
    """A demo model server's base URL, including /v1."""
    config = uvicorn.Config(make_app(token_delay=TOKEN_DELAY), port=0, ws="none", log_level="critical", lifespan="off")
    with served(config) as url:
        yield f"{url}/v1"


@pytest.fixture(scope="session")
def odd_url() -> Iterator[str]:
    """The base URL of a model server that misbehaves."""
    config = uvicorn.Config(odd_app(), port=0, ws="none", log_level="critical", lifespan="off")
    with served(config) as url:
        yield f"{url}/v1"


@pytest.fixture
def odd(published: Publisher, odd_url: str) -> Callable[..., str]:
    """Publish a model that is served by the misbehaving server, and answer its name."""

    def publish(kind: str, **fields: Any) -> str:
        published.model(replace(SPARK, slug=kind, upstreams=(upstream(kind, url=odd_url, **fields),)))
        return kind

    return publish


@pytest.fixture(scope="session")
def database_url(django_db_setup: None) -> str:
    """The worker's own test database, migrated. What is written stays: tests use new organizations."""
    at = connection.settings_dict
    parts = {"host": at["HOST"], "port": at["PORT"], "user": at["USER"], "password": at["PASSWORD"]}
    options = {name: value for name, value in at.get("OPTIONS", {}).items() if name in ("host", "port")}
    return make_conninfo(dbname=at["NAME"], **{name: value for name, value in (parts | options).items() if value})


@pytest.fixture(scope="session")
def gateway_settings(database_url: str, model_server: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return from_environment(
        {
            "GATEWAY_JOURNAL": str(tmp_path_factory.mktemp("journal")),
            "GATEWAY_KEEP_ALIVE": "0.3",
            "GATEWAY_GRACE": "1",
            "DATABASE_URL": database_url,
            "REDIS_URL": django_settings.REDIS_URL,
            "KEY_PEPPERS": django_settings.KEY_PEPPERS,
            "MODEL_SERVER_URL": model_server,
            "PORTAL_URL": PORTAL,
            "BATCH_SIGNING_KEY": SIGNING_KEY.hex(),
        }
    )


@pytest.fixture(scope="session")
def gateway(gateway_settings: Settings) -> Iterator[str]:
    """The URL of a gateway that all tests of this process share."""
    with served(configured(replace(gateway_settings, port=0))) as url:
        yield url


@pytest.fixture(scope="session")
def books(database_url: str) -> Books:
    return Books(database_url)


@pytest.fixture
def published(redis: redis_client.Redis) -> Publisher:
    publisher = Publisher(redis)
    publisher.everything(*DEMO_MODELS)
    return publisher


@pytest.fixture
def ada(published: Publisher, books: Books) -> Account:
    """An account with $5, in Redis and in PostgreSQL."""
    account = published.account(new_account())
    books.fund(account.id, micros=5_000_000)
    return account


@dataclass
class Sdk:
    """The official SDK, and how often it called."""

    client: openai.OpenAI
    attempts: list[str] = field(default_factory=list)


@pytest.fixture
def sdk_for(gateway: str) -> Iterator[Callable[[str], Sdk]]:
    """Make the unmodified SDK with a key, as its holder would."""
    clients: list[openai.OpenAI] = []

    def make(key: str) -> Sdk:
        attempts: list[str] = []
        http = openai.DefaultHttpxClient(
            event_hooks={"request": [lambda request: attempts.append(request.headers["x-stainless-retry-count"])]}
        )
        clients.append(openai.OpenAI(api_key=key, base_url=f"{gateway}/v1", http_client=http))
        return Sdk(clients[-1], attempts)

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def sdk(sdk_for: Callable[[str], Sdk], ada: Account) -> openai.OpenAI:
    return sdk_for(ada.token.text).client
