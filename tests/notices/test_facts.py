from uuid import UUID

import pytest
from redis import ConnectionError as RedisConnectionError
from redis import Redis

from core.wire import CHANNEL, OrganizationFacts, RateLimits, wallet_at
from notices.facts import (
    Copied,
    begin_opening,
    begin_publishing,
    copy_wallet,
    is_published,
    mark_published,
    need,
    open_wallet,
    publish_facts,
    wait_for_needs,
)

ACME = UUID(int=7)


def facts(version: int, name: str) -> OrganizationFacts:
    return OrganizationFacts(version, str(ACME), name, "active", RateLimits(), "free")


def test_only_a_newer_version_is_written_and_announced(redis: "Redis") -> None:
    listener = redis.pubsub()  # type: ignore[no-untyped-call]
    listener.subscribe(CHANNEL)
    listener.get_message(timeout=1)

    written = [publish_facts("fact", facts(*each)) for each in ((2, "new"), (1, "old"), (2, "same"), (3, "newest"))]

    announced = [message["data"] for _ in range(4) if (message := listener.get_message(timeout=0.2))]
    listener.close()
    assert written == [True, False, False, True]
    assert announced == ["fact", "fact"]
    assert '"name":"newest"' in str(redis.get("fact"))


def test_a_wallet_is_copied_where_its_version_is_newer(redis: "Redis") -> None:
    assert begin_opening(ACME, "round")
    assert open_wallet(ACME, 1, 100, "round")

    written = [copy_wallet(ACME, *each) for each in ((2, 500), (1, 900), (3, -1))]

    assert written == [Copied.WRITTEN, Copied.AS_NEW, Copied.WRITTEN]
    assert redis.hgetall(wallet_at(ACME)) == {"version": "3", "available": "-1"}


def test_an_emptied_redis_is_noticed(redis: "Redis") -> None:
    mark_published(begin_publishing())
    assert is_published()

    redis.flushall()

    assert not is_published()


@pytest.mark.usefixtures("redis")
def test_what_gateways_miss_is_read_once_and_together() -> None:
    need("key:a")
    need("key:b")
    need("key:a")

    assert wait_for_needs(0.01) == {"key:a", "key:b"}
    assert wait_for_needs(0.01) == set()


@pytest.mark.usefixtures("redis_is_away")
def test_a_publisher_hears_that_redis_is_away() -> None:
    with pytest.raises(RedisConnectionError):
        publish_facts("fact", facts(1, "Acme"))
