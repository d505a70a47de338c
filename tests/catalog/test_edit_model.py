from datetime import datetime, timedelta

import pytest
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks
from redis import Redis

from accounts.models import AuditEntry, Organization, User
from catalog.edit_model import add_model, change_model
from catalog.facts import model_facts
from catalog.models import Model
from core.errors import Conflict, NotAllowed
from core.wire import decode_model, model_facts_at
from tests.actors import acting, acting_as_staff
from tests.factories import make_model


def test_pausing_a_model_reaches_the_gateways(
    sam: User, now: datetime, redis: "Redis", django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    model = make_model(now=now)
    model.is_paused = True

    with django_capture_on_commit_callbacks(execute=True):
        change_model(model, ["is_paused"], actor=acting_as_staff(sam), now=now)

    assert decode_model(str(redis.get(model_facts_at(model.slug)))).status == "paused"
    assert AuditEntry.objects.get(action="model.changed").data == {"changes": {"is_paused": [False, True]}}


def test_a_new_model_leaves_an_audit_entry(sam: User, now: datetime) -> None:
    model = Model(slug="muse-next", name="Muse Next", owned_by="tollway", context_window=1)

    add_model(model, actor=acting_as_staff(sam), now=now)

    assert Model.objects.get(slug="muse-next").created_at == now
    assert AuditEntry.objects.get(action="model.added").user == sam


def test_a_deprecated_model_says_since_when_and_until_when(sam: User, now: datetime) -> None:
    end = now + timedelta(days=90)
    model = make_model(now=now)
    model.retires_at = end
    change_model(model, ["retires_at"], actor=acting_as_staff(sam), now=now)
    before = model_facts(model, at=now)

    model.stage = Model.Stage.DEPRECATED
    change_model(model, ["stage"], actor=acting_as_staff(sam), now=now)

    after = model_facts(Model.objects.get(pk=model.pk), at=now)
    assert (before.lifecycle, before.deprecated_at, before.retires_at) == ("active", None, None)
    assert (after.lifecycle, after.deprecated_at) == ("deprecated", now.timestamp())
    assert after.retires_at == end.timestamp()


def test_a_slug_stays(sam: User, now: datetime) -> None:
    model = make_model(now=now)

    with pytest.raises(Conflict):
        change_model(model, ["slug"], actor=acting_as_staff(sam), now=now)


def test_an_owner_cannot_change_the_catalogue(ada: User, acme: Organization, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        change_model(make_model(now=now), ["is_paused"], actor=acting(ada), now=now)
