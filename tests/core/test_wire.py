"""Facts survive the way through Redis, and an older version never replaces a newer one."""

from dataclasses import replace

import pytest
import redis as redis_client

from core import wire
from core.ids import uuid7
from core.wire import (
    EndCustomerFacts,
    KeyFacts,
    ModelFacts,
    OrganizationFacts,
    PriceFacts,
    RateLimits,
    UpstreamFacts,
)

KEY = KeyFacts(
    version=3,
    id=str(uuid7()),
    key_id="0123456789ab",
    organization=str(uuid7()),
    project=str(uuid7()),
    name="Ada's",
    hash="00",
    pepper="p1",
    status="active",
    expires_at=1.5,
    scopes=("inference",),
    models=("muse-spark",),
    limits=RateLimits(requests_per_day=100),
    member=str(uuid7()),
)
ORGANIZATION = OrganizationFacts(
    version=1,
    id=KEY.organization,
    name="Ada's",
    status="active",
    limits=RateLimits(requests_per_minute=60, concurrent_requests=None),
    plan="free",
    models=("partner-model",),
    has_end_customers=True,
)
END_CUSTOMER = EndCustomerFacts(version=2, id=str(uuid7()), name="Bolt", status="active")
MODEL = ModelFacts(
    version=9,
    id=str(uuid7()),
    slug="muse-spark",
    name="Muse Spark",
    owned_by="muse",
    created=1_767_225_600,
    status="callable",
    is_public=True,
    kind="chat",
    context_window=262_144,
    max_output_tokens=8_192,
    currency="USD",
    upstreams=(UpstreamFacts(str(uuid7()), "east", "https://east.example/v1", "spark-7b", "anthropic_messages", 0),),
    prices=(PriceFacts(str(uuid7()), 0.0, {"input": 1}), PriceFacts(str(uuid7()), 9.0, {"input": 2}, str(uuid7()))),
)


def test_facts_are_read_as_they_were_written() -> None:
    assert wire.decode_key(wire.encode(KEY)) == KEY
    assert wire.decode_organization(wire.encode(ORGANIZATION).encode()) == ORGANIZATION
    assert wire.decode_model(wire.encode(MODEL)) == MODEL
    assert wire.decode_end_customer(wire.encode(END_CUSTOMER)) == END_CUSTOMER


def test_what_belongs_to_one_organization_lies_in_one_slot() -> None:
    tag = f"{{{KEY.organization}}}"

    assert wire.organization_facts_at(KEY.organization) == f"{tag}:org"
    assert wire.wallet_at(KEY.organization) == f"{tag}:wallet"
    assert wire.end_customer_facts_at(KEY.organization, "a}b") == f"{tag}:customer:a}}b"


@pytest.mark.parametrize(("version", "is_written"), [(2, 0), (3, 0), (4, 1)])
def test_only_a_newer_fact_is_written(redis: redis_client.Redis, version: int, is_written: int) -> None:
    at = wire.key_facts_at(KEY.key_id)
    redis.eval(wire.COPY_IF_NEWER, 1, at, wire.encode(KEY), str(KEY.version), wire.CHANNEL)

    other = replace(KEY, version=version, status="revoked")
    answer = redis.eval(wire.COPY_IF_NEWER, 1, at, wire.encode(other), str(version), wire.CHANNEL)

    assert answer == is_written
    assert wire.decode_key(str(redis.get(at))).status == ("revoked" if is_written else "active")


def test_a_written_fact_is_announced(redis: redis_client.Redis) -> None:
    with redis.pubsub(ignore_subscribe_messages=True) as announcements:  # type: ignore[no-untyped-call]
        announcements.subscribe(wire.CHANNEL)
        announcements.get_message(timeout=1)
        at = wire.organization_facts_at(ORGANIZATION.id)

        for _ in range(2):
            redis.eval(wire.COPY_IF_NEWER, 1, at, wire.encode(ORGANIZATION), "1", wire.CHANNEL)

        message = announcements.get_message(timeout=1)
        assert message is not None
        assert message["data"] == at
        assert announcements.get_message(timeout=0.05) is None


def test_a_wallet_is_copied_only_forward(redis: redis_client.Redis) -> None:
    at = wire.wallet_at(ORGANIZATION.id)
    redis.hset(at, mapping={"version": 4, "available": 1})

    answers = [
        redis.eval(wire.COPY_WALLET_IF_NEWER, 1, at, str(version), str(available))
        for version, available in ((5, 100), (4, 900), (5, 800), (6, -7))
    ]

    assert answers == [1, 0, 0, 1]
    assert redis.hgetall(at) == {"version": "6", "available": "-7"}


def test_a_lost_wallet_is_opened_with_the_newest_state_that_anybody_copied(redis: redis_client.Redis) -> None:
    keys = wire.wallet_at(ORGANIZATION.id), wire.opening_at(ORGANIZATION.id)
    begun = redis.eval(wire.BEGIN_OPENING, 2, *keys, "one")
    redis.eval(wire.BEGIN_OPENING, 2, *keys, "two")
    copied = redis.eval(wire.COPY_WALLET_IF_NEWER, 1, keys[0], "7", "70")
    is_closed = redis.hget(keys[0], "available") is None

    opened = redis.eval(wire.OPEN_WALLET, 2, *keys, "6", "600", "two")

    assert (begun, copied, is_closed, opened) == (1, -1, True, 1)
    assert redis.hgetall(keys[0]) == {"version": "7", "available": "70"}
    assert redis.eval(wire.BEGIN_OPENING, 2, *keys, "three") == 0


def test_a_round_that_redis_has_lost_opens_nothing(redis: redis_client.Redis) -> None:
    keys = wire.wallet_at(ORGANIZATION.id), wire.opening_at(ORGANIZATION.id)
    redis.eval(wire.BEGIN_OPENING, 2, *keys, "one")
    redis.flushall()

    assert redis.eval(wire.OPEN_WALLET, 2, *keys, "6", "600", "one") == 0
    assert redis.exists(*keys) == 0


def test_what_was_published_before_redis_was_emptied_is_not_called_everything(redis: redis_client.Redis) -> None:
    keys = wire.publishing_at(wire.HOME), wire.published_at(wire.HOME)
    redis.set(wire.publishing_at(wire.HOME), "first")
    redis.flushall()
    late = redis.eval(wire.MARK_PUBLISHED, 2, *keys, "first")
    redis.set(wire.publishing_at(wire.HOME), "second")

    assert (late, redis.eval(wire.MARK_PUBLISHED, 2, *keys, "second")) == (0, 1)
