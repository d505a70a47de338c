"""The books are read as they are: what is planted in PostgreSQL and Redis is seen by the judge."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
import redis as redis_client
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from core.ids import uuid7
from core.money import PICOS_PER_UNIT
from core.usage import TokenCounts
from core.usage_event import UsageEvent
from core.wire import wallet_at
from tests.faults.books import read_books
from tests.faults.caller import Answer, Ending
from tests.faults.checks import violations

CREDIT, COST = 10 * PICOS_PER_UNIT, 3 * PICOS_PER_UNIT
KEY = uuid7()


@pytest.fixture(scope="session")
def database_url(django_db_setup: None) -> str:
    """What is written stays: tests use new organizations."""
    at = connection.get_connection_params()
    return make_conninfo(**{name: at[name] for name in ("dbname", "host", "port", "user") if at.get(name)})


@pytest.fixture
def database(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as connected:
        yield connected


class Organization:
    """Ten dollars of credit, and two answers of three dollars each."""

    def __init__(self, database: psycopg.Connection, redis: redis_client.Redis) -> None:
        self.id = uuid7()
        self.database, self.redis = database, redis
        query = "INSERT INTO usage_wallet (organization_id, credit) VALUES (%s, %s)"
        database.execute(query, [self.id, CREDIT])
        self.ids = [uuid7(), uuid7()]
        for id_ in self.ids:
            self.settle(id_, request=id_)
        self.copy()

    def settle(self, id_: UUID, *, request: UUID) -> None:
        event = UsageEvent(
            id=id_,
            organization=self.id,
            project=uuid7(),
            key=KEY,
            model=uuid7(),
            price_version=uuid7(),
            counts=TokenCounts(output=1),
            amount=COST,
            occurred_at=datetime.now(UTC),
            request_id=f"req_{request.hex}",
        )
        self.database.execute("SELECT * FROM settle(%s::jsonb)", [json.dumps([event.as_row()])])

    def copy(self) -> None:
        """As a publisher would."""
        query = "SELECT version, floor((credit - spent) / 1000000)::bigint FROM usage_wallet WHERE organization_id = %s"
        version, available = self.database.execute(query, [self.id]).fetchone() or (0, 0)
        self.redis.hset(wallet_at(self.id), mapping={"version": version, "available": available})

    def found(self, database_url: str) -> list[str]:
        answers = [Answer(KEY, Ending.COMPLETED, f"req_{id_.hex}", 200) for id_ in self.ids]
        since = datetime.now(UTC) - timedelta(minutes=5)
        return violations(answers, read_books(database_url, settings.REDIS_URL, [self.id], since=since))


@pytest.fixture
def acme(database: psycopg.Connection, redis: redis_client.Redis) -> Organization:
    return Organization(database, redis)


def lose(acme: Organization) -> None:
    acme.ids.append(uuid7())


def double(acme: Organization) -> None:
    acme.settle(uuid7(), request=acme.ids[0])
    acme.copy()


def drift(acme: Organization) -> None:
    acme.database.execute("UPDATE usage_wallet SET spent = spent + 1 WHERE organization_id = %s", [acme.id])
    acme.copy()


def overshoot(acme: Organization) -> None:
    for _ in range(2):
        acme.ids.append(uuid7())
        acme.settle(acme.ids[-1], request=acme.ids[-1])
    acme.copy()


def leave_a_hold(acme: Organization) -> None:
    hold = str(uuid7())
    acme.redis.zadd(f"{{{acme.id}}}:holds", {hold: (datetime.now(UTC).timestamp() + 60) * 1000})
    acme.redis.hset(f"{{{acme.id}}}:amounts", mapping={hold: "7 ", "total": 7})


def forget_the_copy(acme: Organization) -> None:
    acme.redis.delete(wallet_at(acme.id))


PLANTED = {
    "LOST": lose,
    "DOUBLED": double,
    "DRIFTED": drift,
    "OVERSHOT": overshoot,
    "LEFT OVER": leave_a_hold,
    "STALE": forget_the_copy,
}


@pytest.mark.django_db
@pytest.mark.parametrize(("complaint", "plant"), PLANTED.items())
def test_what_is_planted_is_found(
    complaint: str, plant: Callable[[Organization], None], acme: Organization, database_url: str
) -> None:
    assert acme.found(database_url) == []

    plant(acme)

    found = acme.found(database_url)
    assert len(found) == 1
    assert found[0].startswith(complaint)
