"""The demo's models and their list prices, in micro-dollars per million tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from catalog.edit_model import add_model
from catalog.models import Model
from catalog.price_book import publish_prices
from core.service_tier import ServiceTier
from core.usage import TokenClass

SPARK = {
    TokenClass.INPUT: 1_250_000,
    TokenClass.CACHE_READ: 150_000,
    TokenClass.OUTPUT: 4_250_000,
    TokenClass.REASONING: 4_250_000,
}
EMBED = {TokenClass.INPUT: 20_000}


@dataclass(frozen=True)
class DemoModel:
    slug: str
    fields: Mapping[str, Any]
    prices: Mapping[TokenClass, int] = field(default_factory=dict)
    tiers: Mapping[ServiceTier, Mapping[TokenClass, int]] = field(default_factory=dict)


def _halved(prices: Mapping[TokenClass, int]) -> Mapping[TokenClass, int]:
    return {token_class: price // 2 for token_class, price in prices.items()}


def _doubled(prices: Mapping[TokenClass, int]) -> Mapping[TokenClass, int]:
    return {token_class: price * 2 for token_class, price in prices.items()}


MODELS = (
    DemoModel(
        "muse-spark",
        {
            "name": "Muse Spark",
            "stage": Model.Stage.GA,
            "position": 10,
            "summary": "The flagship: reasoning, long context, cached input at an eighth of the price.",
            "context_window": 1_000_000,
            "max_output_tokens": 8_192,
        },
        SPARK,
        {
            ServiceTier.PRIORITY: _doubled(SPARK),
            ServiceTier.FLEX: _halved(SPARK),
            ServiceTier.BATCH: _halved(SPARK),
        },
    ),
    DemoModel(
        "muse-spark-contributor",
        {
            "name": "Muse Spark Contributor",
            "stage": Model.Stage.PUBLIC_PREVIEW,
            "position": 20,
            "summary": "The same model at a tenth of the price, for calls that may be used to improve it.",
            "context_window": 1_000_000,
            "max_output_tokens": 8_192,
        },
        {token_class: price // 10 for token_class, price in SPARK.items()},
    ),
    DemoModel(
        "muse-embed",
        {
            "name": "Muse Embed",
            "kind": Model.Kind.EMBEDDING,
            "stage": Model.Stage.GA,
            "position": 30,
            "summary": "Embeddings for search and clustering.",
            "context_window": 8_192,
        },
        EMBED,
        {ServiceTier.BATCH: _halved(EMBED)},
    ),
    DemoModel(
        "muse-ember-70b",
        {
            "name": "Muse Ember 70B",
            "stage": Model.Stage.GA,
            "position": 40,
            "summary": "The open-weights predecessor: run it yourself, no key needed.",
            "context_window": 128_000,
            "max_output_tokens": 4_096,
            "licence": "Apache-2.0",
            "download_url": "https://weights.tollway.example/muse-ember-70b",
        },
    ),
)


def load_models(*, actor: Actor, now: datetime) -> None:
    present = set(Model.objects.values_list("slug", flat=True))
    for demo in MODELS:
        if demo.slug not in present:
            _load(demo, actor=actor, now=now)


@transaction.atomic
def _load(demo: DemoModel, *, actor: Actor, now: datetime) -> None:
    model = add_model(Model(slug=demo.slug, owned_by="tollway", **demo.fields), actor=actor, now=now)
    if demo.prices:
        publish_prices(model, demo.prices, tiers=demo.tiers, valid_from=now, actor=actor, now=now, note="Launch price")
