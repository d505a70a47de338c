"""The clients that the contract is held against: add a new one to `CLIENTS`."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from gateway.http_client.client import HttpClient
from gateway.upstream import Post, UpstreamClient

CLIENTS: dict[str, Callable[..., UpstreamClient]] = {"own": HttpClient}
Client = Callable[..., UpstreamClient]


@pytest.fixture(params=CLIENTS)
async def client_for(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """Make a client with `most_connections`, `idle_seconds`, `tls`; it is closed at the end."""
    async with AsyncExitStack() as made:

        def make(**options: Any) -> UpstreamClient:
            client = CLIENTS[request.param](**({"most_connections": 10} | options))
            made.push_async_callback(client.close)
            return client

        yield make


@pytest.fixture
async def client(client_for: Client) -> UpstreamClient:
    """Asynchronous, so that it is made inside the loop."""
    return client_for()


def post(url: str, body: bytes = b"{}", **options: Any) -> Post:
    """A request with short timeouts."""
    return Post(url, {"x-a": "b"}, body, **({"connect_timeout": 2.0, "read_timeout": 2.0} | options))


async def fetched(client: UpstreamClient, url: str, **options: Any) -> bytes:
    """The whole body."""
    async with client.open(post(url, **options)) as answer:
        return await answer.whole()
