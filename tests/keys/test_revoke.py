from datetime import datetime

import pytest
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks
from redis import Redis

from accounts.models import AuditEntry, Organization, User
from core.errors import NotAllowed
from core.wire import decode_key, key_facts_at
from keys.models import ApiKey
from keys.revoke import revoke_key
from tests.actors import acting
from tests.factories import make_key


@pytest.fixture
def key(
    acme: Organization, now: datetime, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> ApiKey:
    with django_capture_on_commit_callbacks(execute=True):
        return make_key(acme, now=now).key


def test_gateways_know_at_once_that_it_is_revoked(
    key: ApiKey,
    ben: User,
    now: datetime,
    redis: "Redis",
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        revoked = revoke_key(key, actor=acting(ben), now=now, reason="Leaked")

    facts = decode_key(str(redis.get(key_facts_at(key.key_id))))
    assert (facts.status, facts.version) == ("revoked", 2)
    assert (revoked.status, revoked.revoked_at) == ("revoked", now)
    entry = AuditEntry.objects.get(action="key.revoked")
    assert (entry.user, entry.data["reason"]) == (ben, "Leaked")


def test_revoking_again_changes_nothing(key: ApiKey, ben: User, now: datetime) -> None:
    first = revoke_key(key, actor=acting(ben), now=now)
    second = revoke_key(key, actor=acting(ben), now=now)

    assert first.facts_version == second.facts_version == 2
    assert AuditEntry.objects.filter(action="key.revoked").count() == 1


def test_an_outsider_is_refused(key: ApiKey, eve: User, elsewhere: Organization, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        revoke_key(key, actor=acting(eve), now=now)

    assert ApiKey.objects.get(pk=key.pk).status == "active"
