from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from unittest import mock

import pytest
from celery import current_app
from django.db import DatabaseError, transaction
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from accounts.models import AuditEntry, User
from billing.models import PlanVersion
from billing.plans import publish_plan_version
from core.errors import Conflict, Invalid, NotAllowed
from core.wire import RateLimits
from tests.actors import acting, acting_as_staff
from tests.billing.plans import draft_plan, make_plan
from tests.factories import ROBOT


def test_publishing_numbers_dates_and_records(sam: User, now: datetime) -> None:
    draft = draft_plan("build", now=now, monthly_fee=20_00)

    version = publish_plan_version(draft, actor=acting_as_staff(sam), now=now)

    entry = AuditEntry.objects.get(action="plan.published")
    assert (version.number, version.is_published, version.published_at) == (1, True, now)
    assert (entry.user, entry.data["terms"]["monthly_fee"]) == (sam, 20_00)


def test_the_next_version_has_the_next_number(build: PlanVersion, now: datetime) -> None:
    draft = PlanVersion.objects.create(plan=build.plan, monthly_fee=25_00, created_at=now)

    assert publish_plan_version(draft, actor=ROBOT, now=now).number == 2


@pytest.mark.parametrize(("is_default", "told"), [(False, 1), (True, 2)])
def test_the_provider_and_the_gateways_hear_of_it_after_the_commit(
    db: None,
    now: datetime,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    is_default: bool,
    told: int,
) -> None:
    draft = draft_plan("free", now=now, is_default=is_default)

    with mock.patch.object(current_app, "signature") as signature, django_capture_on_commit_callbacks(execute=True):
        publish_plan_version(draft, actor=ROBOT, now=now)

    expected = [
        mock.call("billing.tasks.push_plan_version", args=[str(draft.pk)]),
        mock.call("billing.tasks.publish_default_terms"),
    ]
    assert [call for call in signature.mock_calls if call in expected] == expected[:told]


def test_the_tasks_that_are_named_exist() -> None:
    import billing.tasks

    assert {billing.tasks.push_plan_version.name, billing.tasks.publish_default_terms.name} == {
        "billing.tasks.push_plan_version",
        "billing.tasks.publish_default_terms",
    }


def test_a_published_version_is_not_published_again(build: PlanVersion, now: datetime) -> None:
    with pytest.raises(Conflict):
        publish_plan_version(build, actor=ROBOT, now=now)


def test_members_publish_nothing(ada: User, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        publish_plan_version(draft_plan("build", now=now), actor=acting(ada), now=now)


@pytest.mark.parametrize("terms", [{"currency": "EUR"}, {"monthly_fee": 100_000_001}, {"included_credit": 10**12}])
def test_terms_that_cannot_be_sold_are_refused(db: None, now: datetime, terms: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        publish_plan_version(draft_plan("odd", now=now, **terms), actor=ROBOT, now=now)


@pytest.mark.parametrize("terms", [{"monthly_fee": 1}, {"included_credit": 1}, {"overage_limit": 1}])
def test_the_default_plan_costs_nothing(db: None, now: datetime, terms: dict[str, int]) -> None:
    with pytest.raises(Invalid, match="nobody has agreed"):
        publish_plan_version(draft_plan("free", now=now, is_default=True, **terms), actor=ROBOT, now=now)


def test_the_database_keeps_a_published_version(build: PlanVersion) -> None:
    versions = PlanVersion.objects.filter(pk=build.pk)

    with pytest.raises(DatabaseError, match="is published"), transaction.atomic():
        versions.update(monthly_fee=1)
    with pytest.raises(DatabaseError, match="is published"), transaction.atomic():
        versions.delete()


def test_the_providers_price_is_noted_once(build: PlanVersion, now: datetime) -> None:
    versions = PlanVersion.objects.filter(pk=make_plan("other", now=now).pk)

    versions.update(stripe_price_id="price_1")

    with pytest.raises(DatabaseError, match="is published"), transaction.atomic():
        versions.update(stripe_price_id="price_2")


def test_a_plan_can_say_every_limit(db: None, now: datetime) -> None:
    said: dict[str, Any] = {each.name: number for number, each in enumerate(fields(RateLimits), start=10)}

    terms = make_plan("tight", now=now, **said)

    assert asdict(terms.limits) == said
