"""Real Celery workers, killed in the middle of a batch: every line is answered, and charged once at half the price."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.utils import timezone
from psycopg.conninfo import conninfo_to_dict

from batches.models import Batch, BatchLine
from batches.waking import wake_live
from core.signed import line_event
from tests.batches.conftest import Developer, half_of
from tests.batches.test_openai_batches import chat, results, send
from tests.gateway.books import Books
from tests.gateway.conftest import SIGNING_KEY
from tests.gateway.serving import wait_until

LINES = 40
WORKER = (sys.executable, "-m", "celery", "-A", "config", "worker", "--queues", "batches", "--concurrency", "1")


class Worker:
    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(WORKER, env=self._environment, start_new_session=True)

    def kill(self) -> None:
        """Kill -9 the worker and its children."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
            self._process = None


@pytest.fixture
def worker(developer: Developer, database_url: str) -> Iterator[Worker]:
    at = conninfo_to_dict(database_url)
    url = f"postgresql://{at['user']}:{at.get('password', '')}@/{at['dbname']}?host={at['host']}&port={at['port']}"
    with psycopg.connect(url):
        pass
    started = Worker(
        {
            **os.environ,
            "DATABASE_URL": url,
            "REDIS_URL": settings.REDIS_URL,
            "BATCH_SIGNING_KEY": SIGNING_KEY.hex(),
            "BATCH_GATEWAY_URL": developer.url,
            "BATCH_LEASE_SECONDS": "2",
        }
    )
    yield started
    started.kill()


def wake_until(condition: Any, *, seconds: float = 60.0) -> None:
    """As the periodic job does, ask for workers until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        wake_live(at=timezone.now())
        time.sleep(0.3)


def test_every_line_is_answered_and_charged_once(developer: Developer, worker: Worker, books: Books) -> None:
    sent = send(developer, *(chat(str(n), max_tokens=60) for n in range(LINES)))
    for wanted in (2, LINES // 2, LINES - 6):
        worker.start()
        wake_until(lambda wanted=wanted: len(books.events(developer.account.id)) >= wanted)
        worker.kill()
    worker.start()

    wake_until(lambda: Batch.objects.get().status == "completed")

    batch = developer.openai.batches.retrieve(sent.id)
    events = books.events(developer.account.id)
    lines = list(BatchLine.objects.all())
    assert set(results(developer, batch.output_file_id)) == {str(n) for n in range(LINES)}
    assert {event["id"] for event in events} == {line_event(Batch.objects.get().pk, n + 1) for n in range(LINES)}
    assert len(events) == LINES
    assert {(event["service_tier"], event["amount"] == half_of(event)) for event in events} == {("batch", True)}
    assert sum(line.amount for line in lines) == books.spent(developer.account.id)
    assert batch.usage is not None
    assert batch.usage.output_tokens == sum(event["output"] + event["reasoning"] for event in events)


def test_a_cancel_takes_effect_in_seconds_and_what_was_answered_stays(
    developer: Developer, worker: Worker, books: Books
) -> None:
    sent = send(developer, *(chat(str(n), max_tokens=200) for n in range(200)))
    worker.start()
    wake_until(lambda: len(books.events(developer.account.id)) >= 3)

    developer.openai.batches.cancel(sent.id)
    wait_until(lambda: Batch.objects.get().status == "cancelled", seconds=10)

    batch = developer.openai.batches.retrieve(sent.id)
    events = books.events(developer.account.id)
    assert 3 <= len(events) < 200
    assert len(results(developer, batch.output_file_id)) == len(events)
    assert len(results(developer, batch.error_file_id)) == 200 - len(events)
    assert BatchLine.objects.filter(state="canceled").count() == 200 - len(events)
