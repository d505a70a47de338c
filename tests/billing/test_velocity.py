"""Keys whose spending is far out of their own usual: found by what settlement stored."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import override_settings
from structlog.testing import capture_logs

from accounts.models import AuditEntry, Membership, Organization, Role
from billing.new_keys import replace_key
from billing.velocity import freeze_what_races
from catalog.models import Model
from core.usage import TokenCounts
from keys.disable import enable_key
from keys.facts import key_facts
from keys.freeze_mail import mail_what_is_left
from keys.models import ApiKey, KeyFreeze
from keys.revoke import revoke_key
from tests.factories import ROBOT, make_key, make_model, make_organization, make_user, use

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def key(acme: Organization, now: datetime) -> ApiKey:
    return make_key(acme, now=now, name="Search").key


@pytest.fixture
def spark(db: None, now: datetime) -> Model:
    return make_model(now=now - 30 * DAY)


def spend(key: ApiKey, spark: Model, dollars: int, *, at: datetime) -> None:
    use(key, spark, at=at, counts=TokenCounts(input=800_000 * dollars))  # $1.25 a million


def status_of(key: ApiKey) -> str:
    key.refresh_from_db()
    return key_facts(ApiKey.objects.select_related("project").get(pk=key.pk)).status


def test_a_key_without_a_history_is_frozen_beyond_the_floor(key: ApiKey, spark: Model, now: datetime) -> None:
    spend(key, spark, 30, at=now - 4 * MINUTE)
    assert freeze_what_races(now=now) == 0

    spend(key, spark, 21, at=now - MINUTE)
    assert (freeze_what_races(now=now), freeze_what_races(now=now)) == (1, 0)

    assert status_of(key) == "frozen"
    assert (key.status, key.disabled_for) == ("disabled", "velocity")
    freeze = KeyFreeze.objects.get()
    assert [int(amount) // 10**12 for amount in (freeze.spent, freeze.usual, freeze.bound)] == [51, 0, 50]
    entry = AuditEntry.objects.get(action="key.frozen")
    assert (entry.actor, entry.organization, entry.data["minutes"]) == ("velocity freeze", key.organization, 5)


def test_just_the_floor_is_not_beyond_it(key: ApiKey, spark: Model, now: datetime) -> None:
    spend(key, spark, 50, at=now - MINUTE)

    assert freeze_what_races(now=now) == 0


def test_what_was_spent_before_the_last_minutes_does_not_count(key: ApiKey, spark: Model, now: datetime) -> None:
    spend(key, spark, 500, at=now - 6 * MINUTE)
    spend(key, spark, 49, at=now)

    assert freeze_what_races(now=now) == 0


def test_usage_that_is_stored_late_freezes_nothing(key: ApiKey, spark: Model, now: datetime) -> None:
    spend(key, spark, 5_000, at=now - DAY)

    assert freeze_what_races(now=now) == 0


def test_the_last_minutes_may_reach_into_the_hour_before(key: ApiKey, spark: Model, now: datetime) -> None:
    spend(key, spark, 51, at=now - MINUTE)

    assert freeze_what_races(now=now + MINUTE) == 1


@pytest.mark.parametrize(("dollars", "frozen"), [(120, 0), (121, 1)])
def test_a_busy_key_is_measured_by_its_dearest_hour(
    key: ApiKey, spark: Model, now: datetime, dollars: int, frozen: int
) -> None:
    for hours, each in ((24, 40), (30, 15), (47, 39)):
        spend(key, spark, each, at=now - hours * HOUR)

    spend(key, spark, dollars, at=now)

    assert freeze_what_races(now=now) == frozen


def test_what_is_longer_ago_than_a_week_is_no_usual(key: ApiKey, spark: Model, now: datetime) -> None:
    spend(key, spark, 1_000, at=now - 8 * DAY)
    spend(key, spark, 60, at=now)

    assert freeze_what_races(now=now) == 1


def test_a_key_that_replaced_another_goes_on_with_its_usual(key: ApiKey, spark: Model, now: datetime) -> None:
    spend(key, spark, 100, at=now - DAY)
    new = replace_key(key, grace=HOUR, actor=ROBOT, now=now - HOUR).key

    spend(new, spark, 290, at=now)

    assert freeze_what_races(now=now) == 0


def test_an_organization_or_a_key_can_be_taken_out(
    acme: Organization, key: ApiKey, spark: Model, now: datetime
) -> None:
    spend(key, spark, 60, at=now)

    Organization.objects.update(velocity_freeze=False)
    assert freeze_what_races(now=now) == 0
    Organization.objects.update(velocity_freeze=True)
    ApiKey.objects.update(velocity_freeze=False)
    assert freeze_what_races(now=now) == 0
    ApiKey.objects.update(velocity_freeze=True)
    assert freeze_what_races(now=now) == 1


@override_settings(VELOCITY_MINUTES=0)
def test_an_installation_can_do_without(key: ApiKey, spark: Model, now: datetime) -> None:
    spend(key, spark, 60, at=now)

    assert freeze_what_races(now=now) == 0


@override_settings(VELOCITY_FLOOR_CENTS=100_00, VELOCITY_FACTOR=2)
def test_floor_and_factor_are_settings(key: ApiKey, spark: Model, now: datetime) -> None:
    spend(key, spark, 60, at=now - DAY)
    spend(key, spark, 119, at=now)
    assert freeze_what_races(now=now) == 0

    spend(key, spark, 2, at=now)
    assert freeze_what_races(now=now) == 1


def test_who_enables_it_has_looked(key: ApiKey, spark: Model, now: datetime) -> None:
    spend(key, spark, 60, at=now)
    freeze_what_races(now=now)

    enable_key(key, actor=ROBOT, now=now)

    assert status_of(key) == "active"
    assert key.velocity_known_until == now + DAY
    assert freeze_what_races(now=now) == 0, "not again at once"
    spend(key, spark, 500, at=now + DAY + MINUTE)
    assert freeze_what_races(now=now + DAY + MINUTE) == 1
    assert AuditEntry.objects.get(action="key.enabled").data == {"was_frozen": True}


def test_a_frozen_key_can_be_revoked(key: ApiKey, spark: Model, now: datetime) -> None:
    spend(key, spark, 60, at=now)
    freeze_what_races(now=now)

    revoke_key(key, actor=ROBOT, now=now)

    assert status_of(key) == "revoked"


def test_others_are_left_alone(key: ApiKey, spark: Model, acme: Organization, now: datetime) -> None:
    sibling = make_key(acme, now=now, name="Sibling").key
    stranger = make_key(make_organization(now=now), now=now).key
    spend(key, spark, 60, at=now)
    spend(sibling, spark, 10, at=now)
    spend(stranger, spark, 10, at=now)

    with capture_logs() as lines:
        assert freeze_what_races(now=now) == 1

    assert (status_of(sibling), status_of(stranger)) == ("active", "active")
    assert lines == [{"event": "keys.velocity", "log_level": "info", "looked_at": 1, "frozen": 1}]


def test_many_organizations_are_looked_at_chunk_by_chunk(
    spark: Model, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.velocity.AT_ONCE", 2)
    for _ in range(5):
        spend(make_key(make_organization(now=now), now=now).key, spark, 60, at=now)

    assert freeze_what_races(now=now) == 5


def test_owners_and_admins_are_mailed_once(key: ApiKey, spark: Model, now: datetime) -> None:
    for role in (Role.ADMIN, Role.DEVELOPER):
        person = make_user(f"{role.value}@acme.example")
        Membership.objects.create(organization=key.organization, user=person, role=role, created_at=now)
    spend(key, spark, 60, at=now)
    freeze_what_races(now=now)

    assert (mail_what_is_left(now=now), mail_what_is_left(now=now + HOUR)) == (1, 0)

    assert {message.to[0] for message in mail.outbox} == {"ada@acme.example", "admin@acme.example"}
    assert f"/keys/{key.pk}/" in mail.outbox[0].body
    assert "spent $60.00 in 5 minutes" in mail.outbox[0].body
