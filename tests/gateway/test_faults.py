"""Real processes that die: no usage is lost, none counts twice, and answers go on while PostgreSQL is away."""

import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import redis as redis_client
from django.conf import settings

from core import wire
from tests.gateway.books import Books
from tests.gateway.own_postgres import OwnPostgres, own_postgres
from tests.gateway.published import Account, Publisher, new_account
from tests.gateway.serving import GatewayProcess, wait_until

PROMPT: Any = [{"role": "user", "content": "Tell me about bridges"}]


@pytest.fixture(scope="module")
def postgres() -> Iterator[OwnPostgres]:
    folder = Path(tempfile.mkdtemp(prefix="tollway-faults-"))
    with own_postgres(folder) as started:
        yield started
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class World:
    """A gateway process on a PostgreSQL that can be stopped, and one funded caller."""

    gateway: GatewayProcess
    postgres: OwnPostgres
    books: Books
    ada: Account
    journal: Path

    def call(self, **options: Any) -> httpx2.Response:
        return httpx2.post(
            f"{self.gateway.url}/v1/chat/completions",
            headers={"authorization": f"Bearer {self.ada.token.text}"},
            json={"model": "muse-spark", "messages": PROMPT, "max_tokens": 20} | options,
            timeout=20,
        )

    def segments(self) -> list[Path]:
        return sorted(self.journal.glob("usage-*.jsonl"))

    def stored(self) -> list[str]:
        return [event["request_id"] for event in self.books.events(self.ada.id)]


@pytest.fixture
def world(
    postgres: OwnPostgres, model_server: str, redis: redis_client.Redis, published: Publisher, tmp_path: Path
) -> Iterator[World]:
    environment = {
        "DATABASE_URL": postgres.url,
        "REDIS_URL": settings.REDIS_URL,
        "MODEL_SERVER_URL": model_server,
        "GATEWAY_JOURNAL": str(tmp_path / "journal"),
        "GATEWAY_GRACE": "1",
    }
    gateway = GatewayProcess(environment)
    postgres.start_if_stopped()
    books = Books(postgres.url)
    ada = published.account(new_account())
    books.fund(ada.id, micros=5_000_000)
    gateway.start()
    yield World(gateway, postgres, books, ada, tmp_path / "journal")
    gateway.end()


def test_answers_go_on_while_postgresql_is_away(world: World, redis: redis_client.Redis) -> None:
    answers: list[httpx2.Response] = []
    is_over = threading.Event()

    def keep_calling() -> None:
        while not is_over.is_set():
            answers.append(world.call(stream=len(answers) % 2 == 0))

    with ThreadPoolExecutor(6) as pool:
        callers = [pool.submit(keep_calling) for _ in range(6)]
        wait_until(lambda: len(answers) > 10)
        world.postgres.stop()
        wait_until(lambda: world.gateway.journaled > 20)
        world.postgres.start()
        wait_until(lambda: world.gateway.journaled == 0)
        is_over.set()
        for caller in callers:
            caller.result()

    assert {answer.status_code for answer in answers} == {200}
    assert all("[DONE]" in answer.text for answer in answers if "event-stream" in answer.headers["content-type"])
    wait_until(lambda: len(world.stored()) == len(answers))
    assert sorted(world.stored()) == sorted(answer.headers["x-request-id"] for answer in answers)
    assert world.books.spent(world.ada.id) == sum(event["amount"] for event in world.books.events(world.ada.id))
    assert world.segments() == []
    wait_until(lambda: redis.hget(wire.wallet_at(world.ada.id), "version") == str(world.books.version(world.ada.id)))
    assert redis.zcard(f"{{{world.ada.id}}}:holds") == 0


def test_a_killed_gateway_leaves_a_journal_that_the_next_start_replays_once(
    world: World, redis: redis_client.Redis
) -> None:
    world.postgres.stop()
    answers = [world.call() for _ in range(5)]
    held = int(redis.hget(f"{{{world.ada.id}}}:amounts", "total") or 0)
    world.gateway.kill()
    copy = world.journal / "usage-00000000000000000001-1.jsonl"
    shutil.copy(world.segments()[0], copy)  # As if the first replay had died before it removed the file.

    world.postgres.start()
    world.gateway.start()
    wait_until(lambda: world.gateway.journaled == 0)

    assert sorted(world.stored()) == sorted(answer.headers["x-request-id"] for answer in answers)
    assert world.books.spent(world.ada.id) == sum(event["amount"] for event in world.books.events(world.ada.id))
    assert held > 0
    wait_until(lambda: redis.zcard(f"{{{world.ada.id}}}:holds") == 0)
    assert redis.hget(wire.wallet_at(world.ada.id), "available") == str(
        5_000_000 - -(-world.books.spent(world.ada.id) // 10**6)
    )


def test_a_line_cut_off_by_a_crash_is_left_out(world: World) -> None:
    world.postgres.stop()
    answer = world.call()
    world.gateway.kill()
    with world.segments()[0].open("ab") as file:
        file.write(b'{"id":"0197f000-0000-70')

    world.postgres.start()
    world.gateway.start()
    wait_until(lambda: world.gateway.journaled == 0)

    assert world.stored() == [answer.headers["x-request-id"]]


def test_a_full_journal_refuses_new_requests(world: World) -> None:
    world.gateway.stop()
    world.gateway.environment["GATEWAY_JOURNAL_EVENTS"] = "3"
    world.gateway.start()
    world.postgres.stop()

    statuses = [world.call().status_code for _ in range(5)]

    assert statuses == [200, 200, 200, 503, 503]


def test_a_stopping_gateway_settles_what_runs(world: World) -> None:
    received: list[str] = []

    def stream() -> None:
        options = {"stream": True, "max_tokens": 8000, "messages": [{"role": "user", "content": "in 3000 words"}]}
        received.append(world.call(**options).text)

    caller = threading.Thread(target=stream)
    caller.start()
    wait_until(lambda: httpx2.get(f"{world.gateway.url}/healthz").json()["in_flight"] == 1)

    world.gateway.send(signal.SIGTERM)
    caller.join()
    world.gateway.wait()

    (event,) = world.books.events(world.ada.id)
    assert event["outcome"] == "aborted"
    assert event["output"] > 10
    assert '"error"' in received[0].split("\n\n")[-2]
