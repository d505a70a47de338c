"""The price book: a new version of a model's prices from an instant on. What is published never changes."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Organization
from accounts.permissions import Permission
from catalog.facts import CURRENCY, republish_model
from catalog.models import Model, Price, PriceVersion
from core.errors import Conflict, Invalid
from core.service_tier import ServiceTier
from core.usage import TokenClass

Tiers = Mapping[ServiceTier, Mapping[TokenClass, int]]

# Micro-dollars per million: $10,000. The amount of an event, a BIGINT, holds 900 million tokens at this price.
HIGHEST_PRICE = 10_000_000_000


@transaction.atomic
def publish_prices(
    model: Model,
    prices: Mapping[TokenClass, int],
    *,
    valid_from: datetime,
    actor: Actor,
    now: datetime,
    tiers: Tiers | None = None,
    organization: Organization | None = None,
    note: str = "",
) -> PriceVersion:
    """Publish prices in micro-dollars per million units (= picodollars per unit), in force from `valid_from` on.

    `prices` are the standard tier's; `tiers` those of the others that are sold, each with a price for every class that
    standard has. With `organization` they are a contract's. Raises NotAllowed, Invalid for a price out of bounds or an
    instant that has passed, Conflict where a version begins at that instant already.
    """
    actor.require(Permission.PUBLISH_PRICES)
    tables: Tiers = {**(tiers or {}), ServiceTier.STANDARD: prices}
    _check(tables, valid_from, now)
    # The model's row lock orders publications, so that versions of its facts follow each other.
    model = Model.objects.select_for_update().get(pk=model.pk)
    terms = {"organization": organization, "currency": CURRENCY, "valid_from": valid_from}
    if model.price_versions.filter(**terms).exists():
        raise Conflict(f"Prices of {model} that begin at this instant exist already: choose another.")
    version = PriceVersion.objects.create(model=model, note=note, created_at=now, **terms)
    _write(version, tables)
    version.published_at = now
    version.save(update_fields=["published_at"])
    told = _told(tables)
    standard = told.pop(ServiceTier.STANDARD.value)
    record(actor, "prices.published", version, at=now, valid_from=valid_from, note=note, prices=standard, tiers=told)
    republish_model(model)
    return version


def _write(version: PriceVersion, tables: Tiers) -> None:
    Price.objects.bulk_create(
        Price(version=version, service_tier=tier.value, token_class=token_class.value, micros_per_million=micros)
        for tier, prices in tables.items()
        for token_class, micros in prices.items()
    )


def _told(tiers: Tiers) -> dict[str, dict[str, int]]:
    return {tier.value: {each.value: micros for each, micros in prices.items()} for tier, prices in tiers.items()}


@transaction.atomic
def withdraw_prices(version: PriceVersion, *, actor: Actor, now: datetime) -> None:
    """Delete prices that have not begun yet. Raises NotAllowed, Conflict for those in force or past."""
    actor.require(Permission.PUBLISH_PRICES)
    model = Model.objects.select_for_update().get(pk=version.model_id)
    if version.valid_from <= now:
        raise Conflict("Prices that have begun stay: publish later ones instead.")
    record(actor, "prices.withdrawn", version, at=now, valid_from=version.valid_from)
    version.delete()
    republish_model(model)


def price_version_in_force(
    model: Model, *, at: datetime, organization: Organization | None = None
) -> PriceVersion | None:
    """Answer the contract's version where the organization has one in force, otherwise the list's."""
    versions = model.price_versions.in_force(at).filter(currency=CURRENCY).order_by("-valid_from")
    contract = versions.filter(organization=organization).first() if organization else None
    return contract or versions.filter(organization=None).first()


def _check(tables: Tiers, valid_from: datetime, now: datetime) -> None:
    standard = tables[ServiceTier.STANDARD]
    if not standard:
        raise Invalid("A price version needs at least one price.")
    for tier, prices in tables.items():
        _check_tier(tier, prices, standard)
    if valid_from < now:
        raise Invalid("Prices can only begin now or later: what was used is charged at the prices of its time.")


def _check_tier(tier: ServiceTier, prices: Mapping[TokenClass, int], standard: Mapping[TokenClass, int]) -> None:
    """A class that a tier leaves out would be free in it; one that standard leaves out is free everywhere."""
    if differing := sorted(each.label for each in prices.keys() ^ standard.keys()):
        raise Invalid(f"{tier.label} needs prices for the same classes as standard, unlike for {', '.join(differing)}.")
    for token_class, micros in prices.items():
        if not 0 <= micros <= HIGHEST_PRICE:
            raise Invalid(f"The price of {token_class.label} must be between $0 and $10,000 per million.")
