"""The official SDKs, each in a process, against a gateway in a process, over real Redis and PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis as redis_client
from django.conf import settings as django_settings

from tests.conformance.environments import python_of
from tests.conformance.sdk import Sdk, running_sdk
from tests.gateway.books import Books
from tests.gateway.conftest import DEMO_MODELS, books, database_url, model_server, odd, odd_url
from tests.gateway.conftest import pytest_collection_modifyitems as need_database
from tests.gateway.published import SPARK, Account, Publisher, new_account
from tests.gateway.serving import GatewayProcess

__all__ = ["books", "database_url", "model_server", "need_database", "odd", "odd_url"]

THINKING = replace(SPARK, slug="demo-thinking")
AGES = ["new", pytest.param("old", marks=pytest.mark.conformance_old)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    need_database(items)


@pytest.fixture(scope="session")
def gateway(database_url: str, model_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a gateway process that all of these tests share."""
    process = GatewayProcess(
        {
            "GATEWAY_JOURNAL": str(tmp_path_factory.mktemp("journal")),
            "GATEWAY_KEEP_ALIVE": "0.3",
            "GATEWAY_GRACE": "1",
            "DATABASE_URL": database_url,
            "REDIS_URL": django_settings.REDIS_URL,
            "KEY_PEPPERS": django_settings.KEY_PEPPERS,
            "MODEL_SERVER_URL": model_server,
        }
    )
    process.start()
    yield process.url
    process.stop()


@pytest.fixture
def published(redis: redis_client.Redis) -> Publisher:
    publisher = Publisher(redis)
    publisher.everything(*DEMO_MODELS, THINKING)
    return publisher


@pytest.fixture
def ada(published: Publisher, books: Books) -> Account:
    """An account with $5, in Redis and in PostgreSQL."""
    account = published.account(new_account())
    books.fund(account.id, micros=5_000_000)
    return account


@pytest.fixture(scope="session", params=AGES)
def openai_process(request: pytest.FixtureRequest) -> Iterator[Sdk]:
    with running_sdk(python_of("openai", request.param), "openai") as sdk:
        yield sdk


@pytest.fixture(scope="session", params=AGES)
def anthropic_process(request: pytest.FixtureRequest) -> Iterator[Sdk]:
    with running_sdk(python_of("anthropic", request.param), "anthropic") as sdk:
        yield sdk


@pytest.fixture
def openai(openai_process: Sdk, gateway: str, ada: Account) -> Sdk:
    openai_process.client = {"api_key": ada.token.text, "base_url": f"{gateway}/v1"}
    return openai_process


@pytest.fixture
def anthropic(anthropic_process: Sdk, gateway: str, ada: Account) -> Sdk:
    anthropic_process.client = {"api_key": ada.token.text, "base_url": gateway}
    return anthropic_process
