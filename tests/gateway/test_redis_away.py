"""Redis stopped, frozen and emptied under a running gateway."""

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
import redis as redis_client

from config.embedded.redis_server import RedisServer, free_port
from config.embedded.server import start, stop, wait_until_ready
from gateway.server import configured
from gateway.settings import Settings
from tests.gateway.books import Books
from tests.gateway.conftest import DEMO_MODELS
from tests.gateway.published import Account, Publisher, new_account
from tests.gateway.serving import served, wait_until

BODY = {"model": "muse-spark", "messages": [{"role": "user", "content": "Roads"}], "max_tokens": 5}


class OwnRedis:
    def __init__(self, folder: Path) -> None:
        self._server = RedisServer(folder / "redis", free_port(), durable=False)
        self._log = folder / "redis.log"
        self.url = self._server.url
        self.start()

    def start(self) -> None:
        self._server.prepare()
        self.process = start(self._server, self._log)
        wait_until_ready(self._server, self.process, self._log)

    def stop(self) -> None:
        stop(self.process, signal.SIGKILL)

    def client(self) -> redis_client.Redis:
        return redis_client.Redis.from_url(self.url, decode_responses=True)


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path)
    yield server
    server.process.send_signal(signal.SIGCONT)
    server.stop()


@pytest.fixture
def url(own_redis: OwnRedis, gateway_settings: Settings, tmp_path: Path) -> Iterator[str]:
    settings = replace(gateway_settings, port=0, redis_url=own_redis.url, journal=tmp_path / "journal")
    with served(configured(settings)) as url:
        wait_until(lambda: httpx2.get(f"{url}/healthz").status_code == 200)
        yield url


def publish(own_redis: OwnRedis, account: Account, books: Books, *, is_funded: bool = False) -> None:
    with own_redis.client() as connection:
        publisher = Publisher(connection)
        publisher.everything(*DEMO_MODELS)
        publisher.account(account)
    if not is_funded:
        books.fund(account.id, micros=5_000_000)


def call(url: str, account: Account) -> httpx2.Response:
    return httpx2.post(f"{url}/v1/chat/completions", json=BODY, headers={"x-api-key": account.token.text}, timeout=10)


def test_redis_stopped_is_503_and_back_is_back(url: str, own_redis: OwnRedis, books: Books) -> None:
    ada = new_account()
    publish(own_redis, ada, books)
    assert call(url, ada).status_code == 200

    own_redis.stop()
    wait_until(lambda: httpx2.get(f"{url}/healthz").status_code == 503)
    refused = call(url, ada)
    own_redis.start()
    wait_until(lambda: httpx2.get(f"{url}/healthz").status_code == 200)
    wait_until(lambda: call(url, ada).status_code != 200)
    emptied = call(url, ada)
    publish(own_redis, ada, books, is_funded=True)

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["error"]["code"] == "service_unavailable"
    assert (emptied.status_code, emptied.headers["retry-after"]) == (503, "1")
    assert call(url, ada).status_code == 200


def test_a_frozen_redis_is_given_up(url: str, own_redis: OwnRedis, books: Books) -> None:
    ada = new_account()
    publish(own_redis, ada, books)

    own_redis.process.send_signal(signal.SIGSTOP)
    refused = call(url, ada)
    own_redis.process.send_signal(signal.SIGCONT)

    assert refused.status_code == 503
    wait_until(lambda: call(url, ada).status_code == 200)


def test_a_running_stream_registers_its_hold_in_a_redis_that_came_back_empty(
    url: str, own_redis: OwnRedis, books: Books
) -> None:
    ada = new_account()
    publish(own_redis, ada, books)
    holds = f"{{{ada.id}}}:holds"
    body = BODY | {"stream": True, "max_tokens": 8_000, "messages": [{"role": "user", "content": "in 900 words"}]}
    key = {"x-api-key": ada.token.text}

    with httpx2.stream("POST", f"{url}/v1/chat/completions", json=body, headers=key) as answer:
        lines = answer.iter_lines()
        next(lines)
        own_redis.stop()
        own_redis.start()
        with own_redis.client() as connection:
            wait_until(lambda: connection.zcard(holds) == 1, seconds=4)
            publish(own_redis, ada, books, is_funded=True)
            assert list(lines)[-2:] == ["data: [DONE]", ""]
            wait_until(lambda: connection.zcard(holds) == 0)

    (event,) = books.events(ada.id)
    assert event["outcome"] == "completed"
