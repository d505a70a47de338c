"""What gateways know of a model: where it is served, who may call it, and its prices from now on."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from accounts.after_commit import after_commit
from catalog.models import Model, PriceVersion, Upstream
from core.service_tier import ServiceTier
from core.wire import ModelFacts, PriceFacts, UpstreamFacts, model_facts_at
from notices.facts import list_model, publish_facts

CURRENCY = "USD"


def model_facts(model: Model, *, at: datetime) -> ModelFacts:
    """Answer the facts with the price versions in force at `at` and all later ones, list and contract."""
    prices = tuple(_price_facts(version) for version in _current_and_later(model, at))
    return ModelFacts(
        version=model.facts_version,
        id=str(model.pk),
        slug=model.slug,
        name=model.name,
        owned_by=model.owned_by,
        created=int(model.created_at.timestamp()),
        status=status_of(model, is_priced=any(price.organization is None for price in prices)),
        is_public=model.is_public,
        kind=model.kind,
        context_window=model.context_window,
        max_output_tokens=model.max_output_tokens,
        currency=CURRENCY,
        prices=prices,
        upstreams=tuple(_upstream_facts(upstream) for upstream in model.upstreams.all()),
        lifecycle="deprecated" if model.is_deprecated else "active",
        deprecated_at=_seconds(model.deprecated_at if model.is_deprecated else None),
        retires_at=_seconds(model.retires_at if model.is_deprecated else None),
    )


def status_of(model: Model, *, is_priced: bool) -> str:
    """Answer callable, paused, or closed. Without a list price nothing is sold: open weights are only listed."""
    if model.stage in Model.CLOSED_STAGES or not is_priced:
        return "closed"
    return "paused" if model.is_paused else "callable"


def republish_model(model: Model) -> None:
    """Raise the version of the model's facts in this transaction, and publish them when it commits."""
    Model.objects.filter(pk=model.pk).update(facts_version=F("facts_version") + 1)
    after_commit(publish_model, model.pk)


def publish_model(pk: UUID) -> None:
    """Publish one model as the database has it now. Raises `redis.RedisError`."""
    _publish(Model.objects.get(pk=pk), at=timezone.now())


def publish_model_called(slug: str) -> None:
    """Publish the model of that name, if there is one. Raises `redis.RedisError`."""
    for model in Model.objects.filter(slug=slug):
        _publish(model, at=timezone.now())


def publish_models() -> int:
    """Publish every model; answer how many were behind. Raises `redis.RedisError`."""
    return sum(_publish(model, at=timezone.now()) for model in Model.objects.order_by("pk"))


def _publish(model: Model, *, at: datetime) -> bool:
    # The facts come first: a model that is listed can be looked up.
    is_new = publish_facts(model_facts_at(model.slug), model_facts(model, at=at))
    list_model(model.slug)
    return is_new


def _current_and_later(model: Model, at: datetime) -> list[PriceVersion]:
    versions = model.price_versions.published().filter(currency=CURRENCY).prefetch_related("prices")
    ordered = versions.order_by("organization_id", "valid_from")
    groups = groupby(ordered, key=lambda version: version.organization_id)
    kept = [version for _, group in groups for version in _without_past(group, at)]
    return sorted(kept, key=lambda version: (version.valid_from, str(version.pk)))


def _without_past(versions: Iterable[PriceVersion], at: datetime) -> Iterator[PriceVersion]:
    """Drop, from versions in order of time, those that a version in force has replaced."""
    ordered = list(versions)
    begun = [version for version in ordered if version.valid_from <= at]
    yield from begun[-1:]
    yield from ordered[len(begun) :]


def _seconds(instant: datetime | None) -> float | None:
    return None if instant is None else instant.timestamp()


def _upstream_facts(upstream: Upstream) -> UpstreamFacts:
    """One that is switched off stays known, with the weight of nothing: what runs on it may end."""
    return UpstreamFacts(
        id=str(upstream.pk),
        name=upstream.name,
        url=upstream.base_url.rstrip("/"),
        model=upstream.model_name or upstream.model.slug,
        dialect=upstream.dialect,
        weight=upstream.weight if upstream.is_enabled else 0,
        connect_timeout=float(upstream.connect_timeout),
        read_timeout=float(upstream.read_timeout),
        credential=upstream.credential,
    )


def _price_facts(version: PriceVersion) -> PriceFacts:
    tables = version.tables
    return PriceFacts(
        id=str(version.pk),
        valid_from=version.valid_from.timestamp(),
        prices=tables.pop(ServiceTier.STANDARD, {}),  # type: ignore[arg-type]  # A TokenClass is its own text.
        tiers=tables,  # type: ignore[arg-type]  # And a ServiceTier.
        organization=str(version.organization_id) if version.organization_id else None,
    )
