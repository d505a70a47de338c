from datetime import datetime, timedelta

import pytest
from django.conf import settings
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks
from redis import Redis

from accounts.models import AuditEntry, Organization, Project, User
from core.errors import Conflict, Invalid, NotAllowed
from core.tokens import Environment, is_hash_of, parse_peppers, parse_token
from core.wire import decode_key, key_facts_at
from keys.issue import issue_key
from keys.models import ApiKey
from tests.actors import acting
from tests.factories import default_project


def test_the_text_is_a_key_whose_hash_alone_is_stored(project: Project, ben: User, now: datetime) -> None:
    issued = issue_key(project, name=" Laptop ", actor=acting(ben), now=now, environment=Environment.TEST)

    token = parse_token(issued.text, brand=settings.KEY_BRAND)
    key = ApiKey.objects.get(pk=issued.key.pk)
    assert token is not None
    assert is_hash_of(token, key.hash, parse_peppers(settings.KEY_PEPPERS)[key.pepper_id])
    assert (token.key_id, token.environment, key.name) == (key.key_id, "test", "Laptop")
    assert (key.created_by, key.created_at, key.status) == (ben, now, "active")
    assert token.secret not in repr(ApiKey.objects.filter(pk=key.pk).values())
    assert token.secret not in repr(issued)


def test_gateways_know_it_once_it_is_committed(
    project: Project,
    ben: User,
    now: datetime,
    redis: "Redis",
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        key = issue_key(project, name="Laptop", actor=acting(ben), now=now, expires_at=now + timedelta(days=1)).key
        assert redis.get(key_facts_at(key.key_id)) is None

    facts = decode_key(str(redis.get(key_facts_at(key.key_id))))
    assert (facts.id, facts.organization, facts.project) == (str(key.pk), str(key.organization_id), str(project.pk))
    assert (facts.version, facts.status, facts.hash, facts.pepper) == (1, "active", key.hash, "p1")
    assert facts.expires_at == (now + timedelta(days=1)).timestamp()


def test_it_leaves_an_audit_entry_without_the_secret(project: Project, ben: User, now: datetime) -> None:
    issued = issue_key(project, name="Laptop", actor=acting(ben), now=now)

    entry = AuditEntry.objects.get(action="key.issued")
    assert (entry.user, entry.organization, entry.object_id) == (ben, project.organization, str(issued.key.pk))
    assert issued.text[-38:] not in f"{entry.data} {entry.object_name}"


def test_an_outsider_is_refused(project: Project, eve: User, elsewhere: Organization, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        issue_key(project, name="Mine now", actor=acting(eve), now=now)

    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "x" * 121])
def test_a_name_is_neither_empty_nor_endless(name: str, project: Project, ada: User, now: datetime) -> None:
    with pytest.raises(Invalid):
        issue_key(project, name=name, actor=acting(ada), now=now)


def test_a_key_cannot_have_expired_when_it_is_issued(project: Project, ada: User, now: datetime) -> None:
    with pytest.raises(Invalid):
        issue_key(project, name="Late", actor=acting(ada), now=now, expires_at=now)


def test_an_archived_project_gets_no_keys(acme: Organization, ada: User, now: datetime) -> None:
    Project.objects.filter(organization=acme).update(archived_at=now)

    with pytest.raises(Conflict):
        issue_key(default_project(acme), name="Late", actor=acting(ada), now=now)


@pytest.mark.usefixtures("redis_is_away")
def test_a_key_is_issued_while_redis_is_away(
    project: Project,
    ada: User,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        key = issue_key(project, name="Laptop", actor=acting(ada), now=now).key

    assert ApiKey.objects.get(pk=key.pk).status == "active"
    assert "publish_key" in caplog.text
