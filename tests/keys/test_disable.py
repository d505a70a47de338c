from datetime import datetime

import pytest
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks
from redis import Redis

from accounts.models import AuditEntry, Organization, User
from core.errors import NotAllowed
from core.wire import decode_key, key_facts_at
from keys.disable import KeyIsRevoked, disable_key, enable_key
from keys.models import ApiKey
from keys.revoke import revoke_key
from tests.actors import acting
from tests.factories import make_key


@pytest.fixture
def key(acme: Organization, now: datetime) -> ApiKey:
    return make_key(acme, now=now).key


def test_a_disabled_key_can_be_enabled_again(
    key: ApiKey,
    ben: User,
    now: datetime,
    redis: "Redis",
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    seen = []

    for change in (disable_key, enable_key):
        with django_capture_on_commit_callbacks(execute=True):
            change(key, actor=acting(ben), now=now)
        facts = decode_key(str(redis.get(key_facts_at(key.key_id))))
        seen.append((facts.status, facts.version))

    assert seen == [("disabled", 2), ("active", 3)]
    assert set(AuditEntry.objects.filter(user=ben).values_list("action", flat=True)) == {"key.disabled", "key.enabled"}


def test_disabling_again_changes_nothing(key: ApiKey, ben: User, now: datetime) -> None:
    for _ in range(2):
        disable_key(key, actor=acting(ben), now=now)

    assert ApiKey.objects.get(pk=key.pk).facts_version == 2
    assert AuditEntry.objects.filter(action="key.disabled").count() == 1


def test_a_revoked_key_stays_revoked(key: ApiKey, ben: User, now: datetime) -> None:
    revoke_key(key, actor=acting(ben), now=now)

    with pytest.raises(KeyIsRevoked):
        disable_key(key, actor=acting(ben), now=now)
    with pytest.raises(KeyIsRevoked):
        enable_key(key, actor=acting(ben), now=now)

    assert ApiKey.objects.get(pk=key.pk).status == "revoked"


def test_an_outsider_is_refused(key: ApiKey, eve: User, elsewhere: Organization, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        disable_key(key, actor=acting(eve), now=now)
