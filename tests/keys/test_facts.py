from datetime import datetime

from redis import Redis

from accounts.models import Organization, User
from core.wire import decode_key, key_facts_at
from keys.facts import publish_key, publish_keys
from keys.models import ApiKey
from keys.revoke import revoke_key
from tests.actors import acting
from tests.factories import make_key


def test_everything_can_be_published_again_after_redis_was_emptied(
    acme: Organization, ben: User, now: datetime, redis: "Redis"
) -> None:
    live, gone = make_key(acme, now=now).key, make_key(acme, now=now).key
    revoke_key(gone, actor=acting(ben), now=now)

    assert publish_keys() == 2
    assert publish_keys() == 0

    statuses = [decode_key(str(redis.get(key_facts_at(key.key_id)))).status for key in (live, gone)]
    assert statuses == ["active", "revoked"]


def test_a_late_publisher_does_not_bring_a_revoked_key_back(
    acme: Organization, ben: User, now: datetime, redis: "Redis"
) -> None:
    key = make_key(acme, now=now).key
    revoke_key(key, actor=acting(ben), now=now)
    publish_key(key.pk)

    ApiKey.objects.filter(pk=key.pk).update(status="active", revoked_at=None, facts_version=1)
    publish_key(key.pk)

    assert decode_key(str(redis.get(key_facts_at(key.key_id)))).status == "revoked"
