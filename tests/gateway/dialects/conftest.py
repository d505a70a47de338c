"""A gateway in a process of its own, and a model server that speaks each dialect."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import anthropic
import pytest
import uvicorn
from django.conf import settings as django_settings

from tests.gateway.dialects.native_upstream import native_app
from tests.gateway.published import SPARK, Account, Publisher, upstream
from tests.gateway.serving import GatewayProcess, served


@pytest.fixture(scope="session")
def gateway(database_url: str, model_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process = GatewayProcess(
        {
            "GATEWAY_JOURNAL": str(tmp_path_factory.mktemp("journal")),
            "DATABASE_URL": database_url,
            "REDIS_URL": django_settings.REDIS_URL,
            "KEY_PEPPERS": django_settings.KEY_PEPPERS,
            "MODEL_SERVER_URL": model_server,
        }
    )
    process.start()
    yield process.url
    process.stop()


@pytest.fixture(scope="session")
def native_url() -> Iterator[str]:
    config = uvicorn.Config(native_app(), port=0, ws="none", log_level="critical", lifespan="off")
    with served(config) as url:
        yield f"{url}/v1"


@pytest.fixture
def native(published: Publisher, native_url: str) -> Callable[[str, str], str]:
    """Publish a model that a server of the dialect answers as the scenario says, and answer its name."""

    def publish(dialect: str, scenario: str) -> str:
        slug = f"{scenario}-{dialect.replace('_', '-')}"
        served_by = upstream(scenario, url=native_url, dialect=dialect)
        published.model(replace(SPARK, slug=slug, upstreams=(served_by,)))
        return slug

    return publish


@pytest.fixture
def claude(gateway: str, ada: Account) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(api_key=ada.token.text, base_url=gateway) as client:
        yield client
