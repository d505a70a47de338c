"""What one request costs, in counts that are the same on every machine: no clock is read here.

The bounds are what is needed today and a little air. Raise one only with a reason in the commit: each Python call costs
about a tenth of a microsecond and more, each command to Redis and each statement of PostgreSQL a hundred times that.
`make bench` tells what it comes to in time.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, Self

import pytest
import redis as redis_client

import gateway
from core.wire import RateLimits
from gateway.app import App
from gateway.settings import Settings
from tests.gateway.books import Books
from tests.gateway.published import Account, Publisher, new_account
from tests.gateway.serving import until

REQUESTS = 30
OURS = str(Path(gateway.__file__).parent.parent)
PARTS = (f"{OURS}/gateway/", f"{OURS}/core/", "<string>")  # dataclasses write their methods into <string>

MOST_CALLS_PLAIN = 430
MOST_CALLS_A_CHUNK = 40
MOST_SCRIPTS = 2  # admit and release
TOO_MANY = "{} {}, and at most {} are allowed (see this file's first lines). Most often called:\n{}"

Message = dict[str, Any]


class Calls:
    """Counts calls of Python functions in the gateway's own code, while it is switched on, in this thread."""

    def __init__(self) -> None:
        self.by_function: dict[str, int] = {}

    def __enter__(self) -> Self:
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, _arg: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(PARTS):
            name = f"{code.co_filename.removeprefix(OURS)}:{code.co_qualname}"
            self.by_function[name] = self.by_function.get(name, 0) + 1

    def each(self, count: int) -> int:
        return round(sum(self.by_function.values()) / count)

    def most(self, count: int) -> str:
        found = sorted(self.by_function.items(), key=lambda item: -item[1])
        return "\n".join(f"{calls / count:8.2f} {name}" for name, calls in found[:40])


@pytest.fixture
def limited(published: Publisher, books: Books) -> Account:
    """An account whose every limit is checked and moved."""
    much = 1_000_000_000
    limits = RateLimits(much, much, much, concurrent_requests=1000)
    account = published.account(new_account(limits=limits), micros=900_000_000)
    books.fund(account.id, micros=900_000_000)
    return account


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[App]:
    """The application without its server, in this thread."""
    app = App(settings)
    said: asyncio.Queue[str] = asyncio.Queue()
    told: asyncio.Queue[Message] = asyncio.Queue()

    async def send(message: Any) -> None:
        await said.put(message["type"])

    living = asyncio.create_task(app({"type": "lifespan"}, told.get, send))
    await told.put({"type": "lifespan.startup"})
    assert await said.get() == "lifespan.startup.complete"
    assert app._gateway is not None
    running_gateway = app._gateway
    await until(lambda: running_gateway.health()["status"] == "ok")
    try:
        yield app
    finally:
        await told.put({"type": "lifespan.shutdown"})
        await living


async def ask(app: App, account: Account, **fields: object) -> int:
    """One chat completion, read to its end; answer how many parts its body came in."""
    body = json.dumps({"model": "muse-spark", "messages": [{"role": "user", "content": "Hello"}], **fields}).encode()
    bearer = b"Bearer " + account.token.text.encode()
    headers = [(b"authorization", bearer), (b"content-length", str(len(body)).encode())]
    scope = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "query_string": b""}
    ended = asyncio.Event()
    status, parts = 0, 0
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            await ended.wait()
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status, parts
        status = message.get("status", status)
        parts += message["type"] == "http.response.body"
        if message["type"] == "http.response.body" and not message.get("more_body"):
            ended.set()

    await app({**scope, "headers": headers, "client": ("127.0.0.1", 1)}, receive, send)
    assert status == 200
    return parts


def scripts_run(redis: redis_client.Redis) -> int:
    stats: dict[str, dict[str, int]] = redis.info("commandstats")
    return sum(stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("evalsha", "eval"))


@pytest.fixture
def quiet(gateway_settings: Settings, tmp_path: Path) -> Settings:
    """What runs by the clock stays out of the counts as far as it can."""
    return replace(gateway_settings, keep_alive=60.0, journal=tmp_path / "journal")


async def test_a_whole_answer(quiet: Settings, limited: Account, redis: redis_client.Redis) -> None:
    async with running(quiet) as app:
        for _ in range(5):
            await ask(app, limited, max_tokens=5)
        before = scripts_run(redis)
        with Calls() as calls:
            for _ in range(REQUESTS):
                await ask(app, limited, max_tokens=5)
        scripts = (scripts_run(redis) - before) / REQUESTS

    made, told = calls.each(REQUESTS), calls.most(REQUESTS)
    assert made <= MOST_CALLS_PLAIN, TOO_MANY.format(made, "Python calls for a whole answer", MOST_CALLS_PLAIN, told)
    assert scripts <= MOST_SCRIPTS + 0.5, f"{scripts} scripts run in Redis for a request: {MOST_SCRIPTS} are allowed."


async def test_a_settlement_is_one_statement(
    quiet: Settings, limited: Account, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of many requests at once: whatever queued while one batch was stored is the next batch."""
    stored: list[int] = []
    async with running(quiet) as app:
        settler = app._gateway.settler  # type: ignore[union-attr]
        settle = settler._database.settle

        async def noted(rows: Any, *rest: Any, **named: Any) -> Any:
            stored.append(len(rows))
            return await settle(rows, *rest, **named)

        monkeypatch.setattr(settler._database, "settle", noted)
        await ask(app, limited, max_tokens=5)
        assert stored == [1]
        await asyncio.gather(*(ask(app, limited, max_tokens=5) for _ in range(REQUESTS)))

    assert sum(stored) == len(books.events(limited.id)) == REQUESTS + 1
    assert len(stored) < REQUESTS / 2


async def test_a_chunk_of_a_stream(quiet: Settings, limited: Account) -> None:
    counted: Callable[[Calls], int] = lambda calls: sum(calls.by_function.values())  # noqa: E731
    async with running(quiet) as app:
        await ask(app, limited, stream=True, max_tokens=5)
        with Calls() as few:
            short = await ask(app, limited, stream=True, max_tokens=5)
        with Calls() as many:
            long = await ask(app, limited, stream=True, max_tokens=100)

    made = round((counted(many) - counted(few)) / (long - short), 1)
    told = many.most(long)
    assert made <= MOST_CALLS_A_CHUNK, TOO_MANY.format(made, "Python calls for a chunk", MOST_CALLS_A_CHUNK, told)
