"""A wallet that Redis has lost is opened after every living gateway has registered its holds, and not before."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest
import redis as redis_client
from django.conf import settings
from django.db import connection

from accounts.models import Organization
from billing.allowance import publish_wallet
from billing.opening import GatewaysSilent, open_wallets
from billing.publisher import Publisher
from billing.wallet import add_credit
from core import wire
from core.money import PICOS_PER_UNIT
from keys.models import ApiKey
from tests.gateway.serving import wait_until

SHORT = 0.3


def nothing(_: UUID) -> None:
    """Publish nothing else."""


@contextmanager
def living(number: int) -> Iterator[None]:
    """A gateway that lives, as far as PostgreSQL can see."""
    parts = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{name: parts[name] for name in names if parts.get(name)}, autocommit=True) as gateway:
        gateway.execute("SELECT pg_advisory_lock(%s, %s)", [wire.PRESENCE, number])
        yield


@contextmanager
def answering(number: int, before: Callable[[], object] = list) -> Iterator[None]:
    """A gateway that answers the first round that it hears of."""
    with (
        redis_client.Redis.from_url(settings.REDIS_URL, decode_responses=True) as redis,
        redis.pubsub(ignore_subscribe_messages=True) as announcements,
    ):
        announcements.subscribe(wire.CHANNEL)
        announcements.get_message(timeout=1)

        def answer() -> None:
            while message := announcements.get_message(timeout=2):
                if message["data"].startswith(wire.ROUND_PREFIX):
                    before()
                    redis.rpush(wire.registrations_at(message["data"].removeprefix(wire.ROUND_PREFIX)), number)
                    return

        thread = threading.Thread(target=answer)
        thread.start()
        yield
        thread.join()


@pytest.fixture
def lost(customer: Organization, redis: redis_client.Redis) -> UUID:
    """An organization with $5 in PostgreSQL, of which Redis knows nothing."""
    add_credit(customer.pk, 5 * PICOS_PER_UNIT)
    redis.flushall()
    return customer.pk


def is_open(redis: redis_client.Redis, organization_id: UUID) -> bool:
    return redis.hget(wire.wallet_at(organization_id), "available") == "5000000"


def test_nobody_is_waited_for_where_no_gateway_lives(lost: UUID, redis: redis_client.Redis) -> None:
    assert open_wallets([lost], first=nothing, patience=0) == 1
    assert is_open(redis, lost)
    assert open_wallets([lost], first=nothing, patience=0) == 0


def test_a_slow_gateway_keeps_the_wallet_closed(lost: UUID, redis: redis_client.Redis) -> None:
    with living(7), living(8), answering(7), pytest.raises(GatewaysSilent) as silent:
        open_wallets([lost], first=nothing, patience=SHORT)

    assert silent.value.numbers == {8}
    assert not is_open(redis, lost)


def test_the_wallet_opens_when_all_have_answered(lost: UUID, redis: redis_client.Redis) -> None:
    with living(7), living(8), answering(7), answering(8):
        assert open_wallets([lost], first=nothing, patience=5) == 1

    assert is_open(redis, lost)


def test_a_gateway_that_dies_is_no_longer_waited_for(lost: UUID, redis: redis_client.Redis) -> None:
    with living(8):
        dying = living(7)
        dying.__enter__()
        with answering(8, before=lambda: dying.__exit__(None, None, None)):
            open_wallets([lost], first=nothing, patience=5)

    assert is_open(redis, lost)


def test_a_redis_that_is_emptied_again_forgets_the_round(lost: UUID, redis: redis_client.Redis) -> None:
    with living(7), answering(7, before=redis.flushall):
        assert open_wallets([lost], first=nothing, patience=5) == 0

    assert not is_open(redis, lost)


def test_limits_stand_there_before_the_wallet(lost: UUID, redis: redis_client.Redis) -> None:
    seen = []

    open_wallets([lost], first=lambda id_: seen.append((id_, is_open(redis, id_))), patience=0)

    assert seen == [(lost, False)]


def test_an_action_leaves_a_slow_gateway_to_the_publisher(
    lost: UUID, redis: redis_client.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.allowance.PATIENCE", 0.0)
    with living(7):
        publish_wallet(lost)
    assert not is_open(redis, lost)

    Publisher().step()

    assert is_open(redis, lost)


def test_whoever_misses_a_key_gets_its_organization_and_wallet_too(
    lost: UUID, key: ApiKey, redis: redis_client.Redis
) -> None:
    redis.set(wire.published_at(wire.HOME), "1")  # So that nothing else is published.
    redis.rpush(wire.NEEDED, wire.key_facts_at(key.key_id), wire.key_facts_at("never-made"), "nonsense")

    Publisher().step()

    assert redis.exists(wire.key_facts_at(key.key_id), wire.organization_facts_at(lost)) == 2
    assert is_open(redis, lost)


def test_a_publisher_waits_for_a_silent_gateway_until_its_holds_would_have_expired(
    lost: UUID, redis: redis_client.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.publisher.PATIENCE", 0.0)
    publisher = Publisher()
    redis.rpush(wire.NEEDED, wire.wallet_at(lost))
    with living(7):
        publisher.step()
        publisher.step()
        assert not is_open(redis, lost)
        monkeypatch.setattr("billing.publisher.GIVEN_UP_AFTER", 0.0)
        publisher.step()

    assert is_open(redis, lost)


def test_everything_comes_back_after_redis_was_emptied(lost: UUID, key: ApiKey, redis: redis_client.Redis) -> None:
    publisher = Publisher()

    def is_back() -> bool:
        publisher.step()
        return bool(redis.exists(wire.published_at(wire.HOME)))

    wait_until(is_back)

    assert is_open(redis, lost)
    assert redis.exists(wire.key_facts_at(key.key_id), wire.organization_facts_at(lost)) == 2
