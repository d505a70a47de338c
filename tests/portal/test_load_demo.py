import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from redis import Redis

from accounts.models import AuditEntry, Organization, User
from billing.models import CreditGrant, PlanVersion
from catalog.models import Model
from core.tokens import parse_token
from core.wire import HOME, decode_key, decode_model, key_facts_at, model_facts_at, published_at
from keys.disable import disable_key
from keys.models import ApiKey
from portal.demo.models import MODELS
from tests.factories import ROBOT, prices_of

COUNTED = (User, Organization, Model, PlanVersion, ApiKey, CreditGrant, AuditEntry)
QUESTIONS_OF_A_SECOND_RUN = 30


@pytest.fixture(autouse=True)
def demo(db: None, tmp_path: Path) -> Iterator[None]:
    """Load into a folder of this test's own; what is queued for the provider is another test's business."""
    with override_settings(DEMO=True, VAR_DIR=tmp_path), mock.patch("billing.plans._tell"):
        yield


def noted() -> dict[str, Any]:
    notes: dict[str, Any] = json.loads((settings.VAR_DIR / "demo.json").read_text())
    return notes


def counts() -> list[int]:
    return [table._default_manager.count() for table in COUNTED]


def test_the_noted_sign_ins_work(redis: "Redis") -> None:
    call_command("load_demo")

    notes = noted()
    for person in ("admin", "developer"):
        signed_in = authenticate(
            RequestFactory().post("/"), username=notes[person]["email"], password=notes[person]["password"]
        )
        assert signed_in is not None
        assert EmailAddress.objects.get(user=signed_in).verified
    assert User.objects.get(email="admin@tollway.example").is_superuser
    assert not User.objects.get(email="developer@tollway.example").is_staff


def test_the_noted_key_is_known_to_the_gateways(redis: "Redis") -> None:
    call_command("load_demo")

    token = parse_token(noted()["api_key"], brand=settings.KEY_BRAND)
    assert token is not None
    assert decode_key(str(redis.get(key_facts_at(token.key_id)))).status == "active"
    assert decode_model(str(redis.get(model_facts_at(noted()["model"])))).status == "callable"
    assert redis.exists(published_at(HOME))


def test_only_the_owner_may_read_the_notes() -> None:
    call_command("load_demo")

    assert stat.S_IMODE((settings.VAR_DIR / "demo.json").stat().st_mode) == 0o600


def test_the_catalogue_is_the_storys() -> None:
    call_command("load_demo")

    models = {model.slug: model for model in Model.objects.all()}
    spark = prices_of(models["muse-spark"].price_versions.get())
    tenth = prices_of(models["muse-spark-contributor"].price_versions.get())
    assert [spark[each] for each in spark] == [1_250_000, 150_000, 4_250_000, 4_250_000]
    assert {each: price * 10 for each, price in tenth.items()} == spark
    assert [model.slug for model in models.values() if model.is_open_weights] == ["muse-ember-70b"]
    fees = {version.plan.slug: version.monthly_fee for version in PlanVersion.objects.filter(status="published")}
    assert fees == {"free": 0, "build": 20_00, "scale": 200_00}


def test_a_second_run_changes_nothing_and_asks_little() -> None:
    call_command("load_demo")
    before, notes = counts(), noted()

    with CaptureQueriesContext(connection) as questions:
        call_command("load_demo")

    assert (counts(), noted()) == (before, notes)
    assert len(questions) <= QUESTIONS_OF_A_SECOND_RUN


def test_what_staff_changed_stays_changed() -> None:
    call_command("load_demo")
    Model.objects.filter(slug="muse-spark").update(name="Renamed")

    call_command("load_demo")

    assert Model.objects.get(slug="muse-spark").name == "Renamed"
    assert Model.objects.count() == len(MODELS)


def test_lost_notes_are_made_anew() -> None:
    call_command("load_demo")
    lost = noted()
    (settings.VAR_DIR / "demo.json").unlink()

    call_command("load_demo")

    found = noted()
    assert found["api_key"] != lost["api_key"]
    admin = User.objects.get(email="admin@tollway.example")
    assert admin.check_password(found["admin"]["password"])


def test_a_noted_key_that_no_longer_works_is_replaced() -> None:
    call_command("load_demo")
    lost = noted()["api_key"]
    disable_key(ApiKey.objects.get(), actor=ROBOT, now=datetime(2026, 4, 8, tzinfo=UTC))

    call_command("load_demo")

    assert noted()["api_key"] != lost
    assert ApiKey.objects.filter(status="active").count() == 1


def test_it_is_refused_where_this_is_no_demo() -> None:
    with override_settings(DEMO=False), pytest.raises(CommandError, match="TOLLWAY_DEMO"):
        call_command("load_demo")

    assert not User.objects.exists()
