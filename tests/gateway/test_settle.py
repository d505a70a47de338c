"""The settler between a real PostgreSQL and a real disk, where one or both fail."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings

from core.ids import uuid7
from core.usage import TokenCounts
from core.usage_event import UsageEvent
from gateway.database import Database, DatabaseAway, Settled
from gateway.journal import Journal, Segment
from gateway.redis_connect import pipe_to
from gateway.release import Releaser
from gateway.settings import Settings
from gateway.settle import Settler
from tests.gateway.books import Books
from tests.gateway.published import PRICE, SPARK, Account
from tests.gateway.serving import until


def event_of(account: Account, amount: int = 7) -> UsageEvent:
    return UsageEvent(
        id=uuid7(),
        organization=account.id,
        project=UUID(account.key.project),
        key=UUID(account.key.id),
        model=UUID(SPARK.id),
        price_version=UUID(PRICE.id),
        counts=TokenCounts(output=1, requests=1),
        amount=amount,
        occurred_at=datetime.now(UTC),
    )


@dataclass
class Bench:
    settler: Settler
    journal: Journal
    folder: Path


@pytest.fixture
async def bench(gateway_settings: Settings, database_url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    database, journal = Database(database_url), Journal(tmp_path / "journal")
    settler = Settler(gateway_settings, database, journal, Releaser(pipe_to(settings.REDIS_URL)))
    tasks = [asyncio.create_task(settler.run()), asyncio.create_task(settler.replay())]
    yield Bench(settler, journal, tmp_path / "journal")
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await database.close()
    journal.close()


async def test_what_queues_during_a_commit_is_the_next_batch(bench: Bench, ada: Account, books: Books) -> None:
    events = [event_of(ada) for _ in range(200)]

    wallets = await asyncio.gather(*(bench.settler.settle(event) for event in events))

    assert len(books.events(ada.id)) == 200
    assert books.spent(ada.id) == 1_400
    assert books.version(ada.id) <= 3
    assert {wallet.available for wallet in wallets if wallet} <= {4_999_999}


async def test_the_same_event_twice_is_one(
    bench: Bench, ada: Account, books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    event = event_of(ada)

    await bench.settler.settle(event)
    await bench.settler.settle(event)
    await bench.settler.settle(replace(event, amount=999))

    assert [stored["amount"] for stored in books.events(ada.id)] == [7]
    assert books.spent(ada.id) == 7
    assert "settle.CONFLICT" in capsys.readouterr().out


async def test_one_refused_row_does_not_stop_the_others(bench: Bench, ada: Account, books: Books) -> None:
    """An amount beyond 64 bits is no number that the table can hold."""
    events = [event_of(ada), event_of(ada, amount=2**70), event_of(ada)]

    await asyncio.gather(*(bench.settler.settle(event) for event in events))

    assert [stored["amount"] for stored in books.events(ada.id)] == [7, 7]
    assert str(events[1].id) in (bench.folder / "refused.jsonl").read_text()
    assert bench.journal.is_empty


async def test_a_disk_that_failed_is_forgiven_once_the_database_took_all(
    bench: Bench, ada: Account, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even the journal's file could not be made: nothing is left to replay, and nothing to be afraid of."""
    attempts = 0
    attempt = Database._attempt

    async def away_at_first(self: Database, batch: bytes) -> list[Settled]:
        nonlocal attempts
        attempts += 1
        if attempts <= 2:
            raise DatabaseAway("stopped")
        return await attempt(self, batch)

    def unwritable(_folder: Path) -> Segment:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Database, "_attempt", away_at_first)
    monkeypatch.setattr(Segment, "begin", unwritable)

    await asyncio.wait_for(bench.settler.settle(event_of(ada)), 5)

    assert len(books.events(ada.id)) == 1
    assert not bench.settler.is_exhausted


async def test_without_database_and_disk_the_answer_waits(
    bench: Bench, ada: Account, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Segment, _rows: object) -> int:
        raise OSError(28, "No space left on device")

    async def away(_self: Database, _batch: str) -> object:
        raise DatabaseAway("stopped")

    with monkeypatch.context() as patched:
        patched.setattr(Segment, "append", full)
        patched.setattr(Database, "_attempt", away)
        waiting = asyncio.create_task(bench.settler.settle(event_of(ada)))
        await asyncio.sleep(0.1)
        assert bench.settler.is_exhausted
        assert not waiting.done()

    await asyncio.wait_for(waiting, 5)
    await until(lambda: bench.journal.is_empty)
    assert len(books.events(ada.id)) == 1
    assert not bench.settler.is_exhausted
