from datetime import datetime, timedelta

import pytest
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks
from redis import Redis

from accounts.models import AuditEntry, Organization, User
from core.errors import Invalid, NotAllowed
from core.wire import decode_key, key_facts_at
from keys.change import KeyTerms, change_key
from keys.disable import KeyIsRevoked
from keys.restrictions import FREE, Restrictions
from keys.revoke import revoke_key
from tests.actors import acting
from tests.factories import make_key

DAY = timedelta(days=1)


def test_gateways_follow_and_the_audit_says_what_was(
    acme: Organization,
    ben: User,
    now: datetime,
    redis: "Redis",
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    key = make_key(acme, now=now).key
    terms = KeyTerms(" CI ", Restrictions(networks=["10.0.0.0/8"]), now + DAY)

    with django_capture_on_commit_callbacks(execute=True):
        changed = change_key(key, terms, actor=acting(ben), now=now)

    assert (changed.name, changed.kind, changed.expires_at) == ("CI", "restricted", now + DAY)
    facts = decode_key(str(redis.get(key_facts_at(key.key_id))))
    assert (facts.version, facts.networks, facts.kind) == (2, ("10.0.0.0/8",), "restricted")
    entry = AuditEntry.objects.get(action="key.changed")
    assert entry.data["before"]["networks"] == []
    assert entry.data["after"]["networks"] == ["10.0.0.0/8"]


def test_the_same_terms_again_change_nothing(acme: Organization, ben: User, now: datetime) -> None:
    key = make_key(acme, now=now).key

    change_key(key, KeyTerms(key.name, FREE, None), actor=acting(ben), now=now)

    assert not AuditEntry.objects.filter(action="key.changed").exists()


def test_limits_taken_away_make_it_a_secret_key_again(acme: Organization, ben: User, now: datetime) -> None:
    key = make_key(acme, now=now, restrictions=Restrictions(scopes=["models"])).key

    assert change_key(key, KeyTerms(key.name, FREE, None), actor=acting(ben), now=now).kind == "secret"


def test_a_key_cannot_be_made_to_have_expired(acme: Organization, ben: User, now: datetime) -> None:
    with pytest.raises(Invalid):
        change_key(make_key(acme, now=now).key, KeyTerms("CI", FREE, now), actor=acting(ben), now=now)


def test_a_revoked_key_is_not_changed(acme: Organization, ben: User, now: datetime) -> None:
    key = make_key(acme, now=now).key
    revoke_key(key, actor=acting(ben), now=now)

    with pytest.raises(KeyIsRevoked):
        change_key(key, KeyTerms("CI", FREE, None), actor=acting(ben), now=now)


def test_an_outsider_changes_nothing(acme: Organization, eve: User, elsewhere: Organization, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        change_key(make_key(acme, now=now).key, KeyTerms("Mine", FREE, None), actor=acting(eve), now=now)


class TestLongestLife:
    def test_a_key_without_an_end_lives_as_long_as_is_allowed(self, acme: Organization, now: datetime) -> None:
        acme.max_key_days = 90
        acme.save()

        assert make_key(acme, now=now).key.expires_at == now + 90 * DAY

    def test_a_key_cannot_live_longer(self, acme: Organization, ada: User, now: datetime) -> None:
        acme.max_key_days = 90
        acme.save()

        with pytest.raises(Invalid, match="at most 90 days"):
            make_key(acme, now=now, expires_at=now + 91 * DAY)
        with pytest.raises(Invalid, match="at most 90 days"):
            change_key(
                make_key(acme, now=now).key, KeyTerms("CI", FREE, now + 91 * DAY), actor=acting(ada), now=now + DAY
            )

    def test_a_key_that_is_older_than_the_rule_may_be_renamed(
        self, acme: Organization, ada: User, now: datetime
    ) -> None:
        key = make_key(acme, now=now).key
        acme.max_key_days = 90
        acme.save()

        assert change_key(key, KeyTerms("CI", FREE, None), actor=acting(ada), now=now).expires_at is None
