from datetime import UTC, datetime, timedelta

from redis import Redis

from accounts.models import Organization
from core.wire import KEYS_USED, LastUse, encode
from keys.last_uses import TAKEN, copy_last_uses
from keys.models import ApiKey
from tests.factories import make_key


def note(redis: "Redis", key: ApiKey, at: datetime, *, address: str = "203.0.113.7", where: str = KEYS_USED) -> None:
    redis.hset(where, str(key.pk), encode(LastUse(at.timestamp(), address, "muse-spark")))


def test_what_gateways_noted_is_copied_once(acme: Organization, now: datetime, redis: "Redis") -> None:
    first, second = make_key(acme, now=now).key, make_key(acme, now=now).key
    note(redis, first, now)
    note(redis, second, now, address="2001:db8::1")

    assert copy_last_uses() == 2
    assert copy_last_uses() == 0

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.last_used_at, first.last_used_from, first.last_used_model) == (now, "203.0.113.7", "muse-spark")
    assert second.last_used_from == "2001:db8::1"
    assert redis.keys("*used*") == []


def test_an_older_use_is_not_copied_over_a_newer_one(acme: Organization, now: datetime, redis: "Redis") -> None:
    key = make_key(acme, now=now).key
    note(redis, key, now)
    copy_last_uses()
    note(redis, key, now - timedelta(minutes=1), address="198.51.100.1")

    assert copy_last_uses() == 0

    key.refresh_from_db()
    assert key.last_used_from == "203.0.113.7"


def test_what_a_killed_job_took_is_copied_by_the_next(acme: Organization, now: datetime, redis: "Redis") -> None:
    key, other = make_key(acme, now=now).key, make_key(acme, now=now).key
    note(redis, key, now, where=TAKEN)
    note(redis, other, now)

    assert copy_last_uses() == 2


def test_an_address_that_is_none_is_left_empty(acme: Organization, now: datetime, redis: "Redis") -> None:
    key = make_key(acme, now=now).key
    note(redis, key, now, address="nonsense")

    copy_last_uses()

    key.refresh_from_db()
    assert (key.last_used_at, key.last_used_from) == (datetime.fromtimestamp(now.timestamp(), UTC), None)
