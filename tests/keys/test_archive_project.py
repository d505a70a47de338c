"""The keys of an archived project are refused by the gateways, and come back with it."""

from datetime import datetime

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks
from redis import Redis

from accounts.models import AuditEntry, Organization, Project, User
from accounts.projects import create_project
from core.errors import Conflict, NotAllowed
from core.key_check import refuse_key
from core.wire import KeyFacts, decode_key, key_facts_at
from keys.archive_project import LastProject, archive_project, restore_project
from keys.disable import disable_key
from keys.facts import publish_key, publish_keys
from keys.issue import issue_key
from keys.models import ApiKey
from keys.revoke import revoke_key
from tests.actors import acting
from tests.factories import make_key


@pytest.fixture
def search(acme: Organization, ben: User, now: datetime) -> Project:
    return create_project(acme, name="Search", actor=acting(ben), now=now)


def key_in(project: Project, ben: User, now: datetime) -> ApiKey:
    key = issue_key(project, name="Backend", actor=acting(ben), now=now).key
    publish_key(key.pk)
    return key


def published(key: ApiKey, redis: Redis) -> KeyFacts:
    return decode_key(str(redis.get(key_facts_at(key.key_id))))


def test_its_keys_are_refused_until_it_is_restored(
    search: Project,
    acme: Organization,
    ben: User,
    now: datetime,
    redis: Redis,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    key, other = key_in(search, ben, now), make_key(acme, now=now).key
    publish_key(other.pk)

    with django_capture_on_commit_callbacks(execute=True):
        archived = archive_project(search, actor=acting(ben), now=now)

    refusal = refuse_key(published(key, redis), at=now.timestamp(), page="/keys/")
    assert archived.archived_at == now
    assert refusal is not None
    assert "archived" in refusal.message
    assert published(other, redis).status == "active"

    with django_capture_on_commit_callbacks(execute=True):
        restore_project(search, actor=acting(ben), now=now)

    assert published(key, redis).status == "active"


def test_each_key_comes_back_as_it_was(search: Project, ben: User, now: datetime, redis: Redis) -> None:
    disabled, revoked = key_in(search, ben, now), key_in(search, ben, now)
    disable_key(disabled, actor=acting(ben), now=now)
    revoke_key(revoked, actor=acting(ben), now=now)

    archive_project(search, actor=acting(ben), now=now)
    publish_keys()
    assert [published(key, redis).status for key in (disabled, revoked)] == ["archived", "revoked"]

    restore_project(search, actor=acting(ben), now=now)
    publish_keys()
    assert [published(key, redis).status for key in (disabled, revoked)] == ["disabled", "revoked"]


def test_twice_is_once(search: Project, ben: User, now: datetime) -> None:
    key = key_in(search, ben, now)
    for change in (archive_project, archive_project, restore_project, restore_project):
        change(search, actor=acting(ben), now=now)

    key.refresh_from_db()
    assert key.facts_version == 3
    assert sorted(AuditEntry.objects.filter(action__startswith="project.").values_list("action", flat=True)) == [
        "project.archived",
        "project.created",
        "project.restored",
    ]


def test_an_archived_project_gets_no_new_keys(search: Project, ben: User, now: datetime) -> None:
    archived = archive_project(search, actor=acting(ben), now=now)

    with pytest.raises(Conflict):
        issue_key(archived, name="Late", actor=acting(ben), now=now)


def test_the_last_one_remains(search: Project, project: Project, ben: User, now: datetime) -> None:
    archive_project(search, actor=acting(ben), now=now)

    with pytest.raises(LastProject):
        archive_project(project, actor=acting(ben), now=now)


def test_an_outsider_may_not(search: Project, eve: User, now: datetime) -> None:
    for change in (archive_project, restore_project):
        with pytest.raises(NotAllowed):
            change(search, actor=acting(eve), now=now)

    search.refresh_from_db()
    assert search.archived_at is None
