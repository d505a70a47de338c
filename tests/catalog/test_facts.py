from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks
from redis import Redis

from accounts.models import Organization
from catalog.facts import model_facts, publish_models
from catalog.models import Model
from catalog.price_book import publish_prices
from core.service_tier import ServiceTier
from core.usage import TokenClass
from core.wire import MODELS, decode_model, encode, model_facts_at
from tests.factories import PRICES, ROBOT, halved, make_model

STAGES = {
    "draft": ("closed", False),
    "internal": ("callable", False),
    "partner_preview": ("callable", False),
    "waitlist": ("callable", False),
    "staged_rollout": ("callable", False),
    "public_preview": ("callable", True),
    "ga": ("callable", True),
    "deprecated": ("callable", True),
    "retired": ("closed", False),
}


@pytest.mark.django_db
@pytest.mark.parametrize("stage", Model.Stage)
def test_the_stage_says_whether_a_model_can_be_called_and_by_whom(stage: Model.Stage, now: datetime) -> None:
    facts = model_facts(make_model(now=now, stage=stage), at=now)

    assert (facts.status, facts.is_public) == STAGES[stage]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"is_paused": True}, "paused"),
        ({"is_paused": True, "stage": "retired"}, "closed"),
        ({"prices": None}, "closed"),
    ],
    ids=["paused", "paused and retired", "without a price"],
)
def test_what_else_keeps_a_model_from_being_called(fields: dict[str, Any], status: str, now: datetime) -> None:
    assert model_facts(make_model(now=now, **fields), at=now).status == status


def test_the_prices_are_those_in_force_and_all_later_ones(acme: Organization, now: datetime) -> None:
    model = make_model(now=now)
    for days in (1, 2, 3):
        _publish(model, days, now=now)
    _publish(model, 1, now=now, organization=acme)

    facts = model_facts(model, at=now + timedelta(days=2))

    listed = [price for price in facts.prices if price.organization is None]
    assert [price.prices["input"] for price in listed] == [2, 3]
    assert [price.organization for price in facts.prices] == [str(acme.pk), None, None]
    assert [price.valid_from for price in facts.prices] == sorted(price.valid_from for price in facts.prices)


@pytest.mark.django_db
def test_the_facts_have_the_prices_of_the_tiers_that_are_sold(now: datetime) -> None:
    model = make_model(now=now, tiers={ServiceTier.BATCH: halved(PRICES)})

    (price,) = decode_model(encode(model_facts(model, at=now))).prices

    assert price.prices == price.of_tier("standard") == PRICES
    assert price.of_tier("batch") == halved(PRICES)
    assert price.of_tier("flex") is None


@pytest.mark.django_db
def test_the_first_prices_are_known_before_they_begin(now: datetime) -> None:
    model = make_model(now=now, prices=None)
    _publish(model, 1, now=now)

    assert [price.prices for price in model_facts(model, at=now).prices] == [{"input": 1}]


@pytest.mark.django_db
def test_new_prices_reach_the_gateways_under_a_higher_version(
    now: datetime, redis: "Redis", django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        model = make_model(now=now)
    before = decode_model(str(redis.get(model_facts_at(model.slug))))

    with django_capture_on_commit_callbacks(execute=True):
        _publish(model, 1, now=now)

    after = decode_model(str(redis.get(model_facts_at(model.slug))))
    assert after.version > before.version
    assert [len(facts.prices) for facts in (before, after)] == [1, 2]
    assert before.prices[0].prices == {str(key): price for key, price in PRICES.items()}
    assert redis.smembers(MODELS) == {"muse-spark"}


@pytest.mark.django_db
def test_models_are_published_again_after_redis_was_emptied(now: datetime, redis: "Redis") -> None:
    make_model("muse-spark", now=now)
    make_model("muse-embed", now=now)

    assert publish_models() == 2
    assert publish_models() == 0
    assert redis.smembers(MODELS) == {"muse-spark", "muse-embed"}


def _publish(model: Model, days: int, *, now: datetime, organization: Organization | None = None) -> None:
    """Publish `days` picodollars a token from `days` from now on."""
    publish_prices(
        model,
        {TokenClass.INPUT: days},
        valid_from=now + timedelta(days=days),
        actor=ROBOT,
        now=now,
        organization=organization,
    )
