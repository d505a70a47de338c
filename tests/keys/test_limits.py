"""How much a key may ask for."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry, Organization
from core.errors import Invalid
from core.wire import UNLIMITED, RateLimits
from keys.change import KeyTerms, change_key
from keys.facts import key_facts
from keys.models import ApiKey
from keys.models.api_key import RATE_LIMITS
from keys.restrictions import FREE
from keys.rotate import rotate_key
from tests.factories import ROBOT, make_key

LIMITS = RateLimits(
    requests_per_minute=60,
    requests_per_day=5_000,
    input_tokens_per_minute=100_000,
    output_tokens_per_minute=20_000,
    concurrent_requests=4,
)


def test_gateways_are_told_with_who_made_the_key(acme: Organization, now: datetime) -> None:
    key = make_key(acme, now=now, limits=LIMITS).key

    assert key_facts(key).limits == LIMITS
    assert key_facts(key).member == "", "a job made it"


def test_a_key_has_none_of_its_own_by_default(acme: Organization, now: datetime) -> None:
    assert key_facts(make_key(acme, now=now).key).limits == UNLIMITED


def test_a_rotated_key_keeps_them(acme: Organization, now: datetime) -> None:
    key = make_key(acme, now=now, limits=LIMITS).key

    assert rotate_key(key, grace=timedelta(0), actor=ROBOT, now=now).key.limits == LIMITS


def test_a_change_is_audited_and_raises_the_version(acme: Organization, now: datetime) -> None:
    key = make_key(acme, now=now, limits=LIMITS).key
    limits = RateLimits(requests_per_minute=10)

    changed = change_key(key, KeyTerms(key.name, FREE, None, limits), actor=ROBOT, now=now)

    assert (changed.limits, changed.facts_version) == (limits, key.facts_version + 1)
    entry = AuditEntry.objects.get(action="key.changed").data
    assert (entry["before"]["requests_per_minute"], entry["after"]["requests_per_minute"]) == (60, 10)


@pytest.mark.parametrize("name", RATE_LIMITS)
@pytest.mark.parametrize("limit", [0, -1, 2**31])
def test_a_limit_that_is_none_is_refused(acme: Organization, now: datetime, name: str, limit: int) -> None:
    with pytest.raises(Invalid, match=name):
        make_key(acme, now=now, limits=RateLimits(**{name: limit}))


def test_the_database_refuses_nothing_at_all(acme: Organization, now: datetime) -> None:
    key = make_key(acme, now=now).key

    with pytest.raises(IntegrityError, match="a_limit_of_a_key"), transaction.atomic():
        ApiKey.objects.filter(pk=key.pk).update(requests_per_day=0)


def test_an_admin_key_calls_nothing_that_could_be_limited(acme: Organization, now: datetime) -> None:
    with pytest.raises(Invalid):
        make_key(acme, now=now, kind="admin", limits=LIMITS)
