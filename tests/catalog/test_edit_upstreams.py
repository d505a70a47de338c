"""Servers of a model: whoever may manage models names them; gateways know at once; the audit trail keeps it."""

from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks
from redis import Redis

from accounts.models import AuditEntry, Organization, User
from catalog.edit_upstreams import DialectNotOfKind, add_upstream, change_upstream, remove_upstream
from catalog.facts import model_facts
from catalog.models import Model, Upstream
from core.errors import NotAllowed
from core.wire import decode_model, model_facts_at
from tests.actors import acting, acting_as_staff
from tests.factories import make_model


@pytest.fixture
def model(db: None, now: datetime) -> Model:
    return make_model(now=now)


def east(model: Model, **fields: Any) -> Upstream:
    return Upstream(**({"model": model, "name": "east", "base_url": "https://east.example/v1/"} | fields))


def test_gateways_learn_of_an_upstream(
    model: Model,
    sam: User,
    now: datetime,
    redis: "Redis",
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        add_upstream(east(model, credential="east", weight=7), actor=acting_as_staff(sam), now=now)

    (facts,) = decode_model(str(redis.get(model_facts_at(model.slug)))).upstreams
    assert (facts.name, facts.url, facts.model) == ("east", "https://east.example/v1", "muse-spark")
    assert (facts.dialect, facts.weight, facts.credential) == ("openai_chat", 7, "east")
    assert (facts.connect_timeout, facts.read_timeout) == (5.0, 600.0)
    assert AuditEntry.objects.get(action="upstream.added").data["url"] == "https://east.example/v1/"


def test_a_change_says_what_was_before(model: Model, sam: User, now: datetime) -> None:
    upstream = add_upstream(east(model), actor=acting_as_staff(sam), now=now)
    upstream.weight, upstream.name = 0, "ignored"

    change_upstream(upstream, ["weight"], actor=acting_as_staff(sam), now=now)

    assert AuditEntry.objects.get(action="upstream.changed").data == {"changes": {"weight": [100, 0]}}
    assert Upstream.objects.get().name == "east"


def test_one_that_is_switched_off_gets_nothing_and_stays_known(model: Model, now: datetime) -> None:
    """Were it left out, a model whose servers are all off would fall back to the installation's."""
    Upstream.objects.create(model=model, name="east", is_enabled=False, created_at=now)

    (facts,) = model_facts(model, at=now).upstreams

    assert facts.weight == 0


def test_the_last_one_leaves_the_model_to_the_installation(model: Model, sam: User, now: datetime) -> None:
    upstream = add_upstream(east(model), actor=acting_as_staff(sam), now=now)

    remove_upstream(upstream, actor=acting_as_staff(sam), now=now)

    assert model_facts(model, at=now).upstreams == ()
    assert AuditEntry.objects.get(action="upstream.removed").object_name == "muse-spark on east"


def test_an_embedding_model_is_served_by_embeddings_alone(sam: User, now: datetime) -> None:
    model = make_model("muse-embed", now=now, kind="embedding")

    with pytest.raises(DialectNotOfKind):
        add_upstream(east(model), actor=acting_as_staff(sam), now=now)

    add_upstream(east(model, dialect="openai_embeddings"), actor=acting_as_staff(sam), now=now)


def test_an_owner_is_not_staff(model: Model, ada: User, acme: Organization, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        add_upstream(east(model), actor=acting(ada), now=now)


@pytest.mark.parametrize(
    "url", ["http://vllm:8000/v1", "https://models.example/v1", "http://127.0.0.1:8020/v1", "https://[::1]:8020/v1", ""]
)
def test_a_base_url(model: Model, now: datetime, url: str) -> None:
    east(model, base_url=url, created_at=now).full_clean()


@pytest.mark.parametrize(
    "url",
    [
        *("models.example/v1", "ftp://models.example", "file:///etc/passwd", "https://", "https://a b/v1"),
        *("https://key@models.example/v1", "https://models.example/v1?key=1", "https://x/v1#a", "http://x:99999/"),
    ],
)
def test_what_is_no_base_url(model: Model, now: datetime, url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        east(model, base_url=url, created_at=now).full_clean()

    assert set(refused.value.message_dict) <= {"base_url", "__all__"}


@pytest.mark.parametrize(
    "fields",
    [
        *({"weight": 1001}, {"connect_timeout": 0}, {"connect_timeout": 61}, {"read_timeout": 0}),
        *({"read_timeout": 3601}, {"base_url": "ftp://x"}, {"dialect": "openai_chat", "name": "first"}),
    ],
    ids=str,
)
def test_the_database_refuses_what_no_gateway_can_use(model: Model, now: datetime, fields: dict[str, Any]) -> None:
    Upstream.objects.create(model=model, name="first", created_at=now)

    with pytest.raises(IntegrityError), transaction.atomic():
        east(model, **fields, created_at=now).save()


def test_a_credential_is_a_name(model: Model, now: datetime) -> None:
    with pytest.raises(ValidationError):
        east(model, credential="sk-Live 1234", created_at=now).full_clean()
