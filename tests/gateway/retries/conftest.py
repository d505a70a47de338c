"""Two gateway processes, as behind a load balancer, before a model server that counts what it generates."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest
import redis as redis_client
import uvicorn
from django.conf import settings as django_settings

from tests.gateway.published import SPARK, Account, Publisher, upstream
from tests.gateway.retries import slow_upstream
from tests.gateway.retries.slow_upstream import slow_app
from tests.gateway.serving import GatewayProcess, served, wait_until

VERSION = {"anthropic-version": "2023-06-01"}
PROMPT = "Tell me about bridges"
BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": PROMPT}], "max_tokens": 50},
    "/v1/responses": {"input": PROMPT, "max_output_tokens": 50},
    "/v1/messages": {"messages": [{"role": "user", "content": PROMPT}], "max_tokens": 50},
}
MODELS = ("slow", "quick", "large", "endless", "fails")


@pytest.fixture(scope="session")
def slow_url() -> Iterator[str]:
    config = uvicorn.Config(slow_app(), port=0, ws="none", log_level="critical", lifespan="off")
    with served(config) as url:
        yield f"{url}/v1"


@pytest.fixture
def generated(published: Publisher, slow_url: str) -> list[str]:
    """Publish the slow models, and answer the list of what is generated from now on."""
    for name in MODELS:
        published.model(replace(SPARK, slug=name, upstreams=(upstream(name, url=slow_url),)))
    slow_upstream.GENERATED.clear()
    slow_upstream.CANCELLED.clear()
    return slow_upstream.GENERATED


@pytest.fixture(scope="session")
def environment(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {
        "GATEWAY_JOURNAL": str(tmp_path_factory.mktemp("journal")),
        "GATEWAY_RETRY_GRACE": "2",
        "GATEWAY_GRACE": "1",
        "DATABASE_URL": database_url,
        "REDIS_URL": django_settings.REDIS_URL,
        "KEY_PEPPERS": django_settings.KEY_PEPPERS,
    }


@pytest.fixture(scope="session")
def pair(environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Their URLs."""
    one, other = GatewayProcess(environment), GatewayProcess(environment)
    one.start()
    other.start()
    yield one.url, other.url
    one.stop()
    other.stop()


@pytest.fixture
def mortal(environment: dict[str, str]) -> Iterator[GatewayProcess]:
    """A gateway that the test may kill."""
    process = GatewayProcess(environment)
    process.start()
    yield process
    process.end()


@dataclass
class Caller:
    """A client of this account, which says of each call how often it has tried before."""

    account: Account

    def post(
        self,
        url: str,
        path: str = "/v1/chat/completions",
        *,
        model: str = "slow",
        attempt: int | None = 0,
        key: str | None = None,
        seconds: float = 20,
        **fields: Any,
    ) -> httpx2.Response:
        return httpx2.post(
            f"{url}{path}",
            json=BODIES[path] | {"model": model} | fields,
            headers=self.headers(attempt, key),
            timeout=seconds,
        )

    def gives_up(self, url: str, path: str = "/v1/chat/completions", *, after: float = 0.25, **rest: Any) -> None:
        with pytest.raises(httpx2.TimeoutException):
            self.post(url, path, seconds=after, **rest)

    def is_cut_off(self, url: str, path: str, **rest: Any) -> None:
        with pytest.raises(httpx2.TransportError):
            self.post(url, path, **rest)

    def headers(self, attempt: int | None, key: str | None) -> dict[str, str]:
        counted = {} if attempt is None else {"x-stainless-retry-count": str(attempt)}
        keyed = {} if key is None else {"idempotency-key": key}
        return {"authorization": f"Bearer {self.account.token.text}", **VERSION, **counted, **keyed}


@pytest.fixture
def caller(ada: Account, generated: list[str], pair: tuple[str, str], redis: redis_client.Redis) -> Caller:
    """Redis was emptied for this test: wait until both gateways have said again that they live."""
    wait_until(lambda: len(redis.keys("pulse:*")) >= len(pair))
    return Caller(ada)
