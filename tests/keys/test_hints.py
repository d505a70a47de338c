from datetime import datetime, timedelta

import pytest

from accounts.models import Organization
from keys.disable import disable_key
from keys.hints import Hint, hints_of
from keys.models import ApiKey
from tests.factories import ROBOT, make_key

DAY = timedelta(days=1)


@pytest.fixture
def key(acme: Organization, now: datetime) -> ApiKey:
    return make_key(acme, now=now).key


def test_a_new_key_needs_nothing(key: ApiKey, now: datetime) -> None:
    assert hints_of(key, at=now + 59 * DAY) == []


def test_a_key_that_nobody_uses_is_idle(key: ApiKey, now: datetime) -> None:
    assert hints_of(key, at=now + 61 * DAY) == [Hint.IDLE]

    key.last_used_at = now + 10 * DAY
    assert hints_of(key, at=now + 61 * DAY) == []


def test_a_key_grows_old_in_a_year(key: ApiKey, now: datetime) -> None:
    key.last_used_at = now + 365 * DAY

    assert hints_of(key, at=now + 366 * DAY) == [Hint.OVER_AGE]


def test_a_key_that_outlives_its_organizations_rule_is_old(key: ApiKey, now: datetime) -> None:
    key.organization.max_key_days = 30

    assert hints_of(key, at=now + 29 * DAY) == []
    assert hints_of(key, at=now + 31 * DAY) == [Hint.OVER_AGE]


def test_a_key_says_a_week_before_that_it_ends(acme: Organization, now: datetime) -> None:
    key = make_key(acme, now=now, expires_at=now + 10 * DAY).key

    assert hints_of(key, at=now + 2 * DAY) == []
    assert hints_of(key, at=now + 3 * DAY) == [Hint.ENDS_SOON]
    assert hints_of(key, at=now + 10 * DAY) == []


def test_of_a_key_out_of_use_nothing_is_said(key: ApiKey, now: datetime) -> None:
    disabled = disable_key(key, actor=ROBOT, now=now)

    assert hints_of(disabled, at=now + 400 * DAY) == []
