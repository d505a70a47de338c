from datetime import datetime, timedelta

import pytest
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks
from redis import Redis

from accounts.models import AuditEntry, Organization, Project, User
from core.errors import Conflict, Invalid, NotAllowed
from core.wire import decode_key, key_facts_at
from keys.disable import disable_key
from keys.issue import issue_key
from keys.models import ApiKey
from keys.restrictions import Restrictions, restrictions_of
from keys.revoke import revoke_key
from keys.rotate import KeyIsRotated, KeyNotUsable, rotate_key
from tests.actors import acting
from tests.factories import make_key

DAY = timedelta(days=1)
LIMITS = Restrictions(["inference"], ["muse-spark"], [], ["203.0.113.0/24"])


def test_the_new_key_takes_over_and_the_old_one_works_for_a_while(
    project: Project,
    ben: User,
    now: datetime,
    redis: "Redis",
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    old = issue_key(project, name="Laptop", actor=acting(ben), now=now, restrictions=LIMITS).key

    with django_capture_on_commit_callbacks(execute=True):
        issued = rotate_key(old, grace=DAY, actor=acting(ben), now=now)

    old.refresh_from_db()
    new = issued.key
    assert issued.text.startswith(new.prefix)
    assert (new.name, new.kind, new.project) == ("Laptop", "restricted", project)
    assert restrictions_of(new) == restrictions_of(old)
    assert (old.replaced_by, old.expires_at) == (new, now + DAY)
    assert old.is_usable(now + DAY - timedelta(seconds=1))
    assert not old.is_usable(now + DAY)
    facts = [decode_key(str(redis.get(key_facts_at(key.key_id)))) for key in (old, new)]
    assert [fact.expires_at for fact in facts] == [(now + DAY).timestamp(), None]


def test_the_new_key_lives_as_long_as_the_old_one_was_to(acme: Organization, ada: User, now: datetime) -> None:
    old = make_key(acme, now=now, expires_at=now + 30 * DAY).key

    new = rotate_key(old, grace=DAY, actor=acting(ada), now=now + 20 * DAY).key

    assert new.expires_at == now + 50 * DAY


def test_the_old_key_does_not_outlive_its_own_end(acme: Organization, ada: User, now: datetime) -> None:
    old = make_key(acme, now=now, expires_at=now + DAY).key

    rotate_key(old, grace=7 * DAY, actor=acting(ada), now=now)

    old.refresh_from_db()
    assert old.expires_at == now + DAY


def test_without_grace_the_old_key_ends_at_once(acme: Organization, ada: User, now: datetime) -> None:
    old = make_key(acme, now=now).key

    rotate_key(old, grace=timedelta(0), actor=acting(ada), now=now)

    old.refresh_from_db()
    assert not old.is_usable(now)


def test_a_key_is_rotated_once(acme: Organization, ada: User, now: datetime) -> None:
    old = make_key(acme, now=now).key
    rotate_key(old, grace=DAY, actor=acting(ada), now=now)

    with pytest.raises(KeyIsRotated):
        rotate_key(old, grace=DAY, actor=acting(ada), now=now)
    assert ApiKey.objects.count() == 2


def test_a_key_out_of_use_is_not_rotated(acme: Organization, ada: User, now: datetime) -> None:
    disabled, revoked = make_key(acme, now=now).key, make_key(acme, now=now).key
    disable_key(disabled, actor=acting(ada), now=now)
    revoke_key(revoked, actor=acting(ada), now=now)
    past = make_key(acme, now=now, expires_at=now + DAY).key

    for key, at in ((disabled, now), (revoked, now), (past, now + DAY)):
        with pytest.raises(KeyNotUsable):
            rotate_key(key, grace=DAY, actor=acting(ada), now=at)


@pytest.mark.parametrize("grace", [timedelta(seconds=-1), timedelta(days=31)])
def test_the_overlap_is_bounded(acme: Organization, ada: User, now: datetime, grace: timedelta) -> None:
    with pytest.raises(Invalid):
        rotate_key(make_key(acme, now=now).key, grace=grace, actor=acting(ada), now=now)


def test_an_archived_projects_key_is_not_rotated(project: Project, ada: User, now: datetime) -> None:
    key = issue_key(project, name="Laptop", actor=acting(ada), now=now).key
    Project.objects.update(archived_at=now)

    with pytest.raises(Conflict):
        rotate_key(key, grace=DAY, actor=acting(ada), now=now)


def test_an_outsider_rotates_nothing(acme: Organization, elsewhere: Organization, eve: User, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        rotate_key(make_key(acme, now=now).key, grace=DAY, actor=acting(eve), now=now)


def test_it_is_audited_without_a_secret(acme: Organization, ada: User, now: datetime) -> None:
    issued = rotate_key(make_key(acme, now=now).key, grace=DAY, actor=acting(ada), now=now)

    entry = AuditEntry.objects.get(action="key.rotated")
    assert entry.data["replaced_by"] == issued.key.prefix
    assert issued.text[-38:] not in str(entry.data)
