"""Rows to test with, made by the product's own actions. Money is in the units of the columns that hold it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.actor import Actor
from accounts.models import Organization, Project, User
from accounts.organizations import create_organization
from catalog.models import Model, PriceVersion
from catalog.price_book import Tiers, price_version_in_force, publish_prices
from core.ids import uuid7
from core.service_tier import ServiceTier
from core.usage import TokenClass, TokenCounts, amount_of
from core.usage_event import UsageEvent
from keys.issue import IssuedKey, issue_key
from keys.models import ApiKey

PASSWORD = "toll-booth-at-dawn"
# Micro-dollars per million tokens: $1.25 input, $0.15 cached, $4.25 output and reasoning.
PRICES: Mapping[TokenClass, int] = {
    TokenClass.INPUT: 1_250_000,
    TokenClass.CACHE_READ: 150_000,
    TokenClass.OUTPUT: 4_250_000,
    TokenClass.REASONING: 4_250_000,
}
ROBOT = Actor.job("tests")
_NUMBERS = count(1)


def make_user(email: str = "", *, password: str = PASSWORD, **fields: Any) -> User:
    return User.objects.create_user(email or f"person{next(_NUMBERS)}@example.com", password, **fields)


def make_staff(email: str = "staff@tollway.example", *, password: str = PASSWORD) -> User:
    return User.objects.create_superuser(email, password)


def make_organization(owner: User | None = None, *, now: datetime, name: str = "Acme") -> Organization:
    """Make an organization with its project "Default"."""
    return create_organization(owner or make_user(), name=name, actor=ROBOT, now=now)


def default_project(organization: Organization) -> Project:
    return organization.projects.get(name="Default")


def make_key(organization: Organization, *, now: datetime, name: str = "Laptop", **fields: Any) -> IssuedKey:
    return issue_key(default_project(organization), name=name, actor=ROBOT, now=now, **fields)


def make_model(
    slug: str = "muse-spark",
    *,
    now: datetime,
    prices: Mapping[TokenClass, int] | None = PRICES,
    tiers: Tiers | None = None,
    **fields: Any,
) -> Model:
    """Make a model that is generally available, with list prices in force from `now` on; `prices=None` makes none."""
    defaults: dict[str, Any] = {"name": slug.replace("-", " ").title(), "stage": Model.Stage.GA, "owned_by": "tollway"}
    model = Model.objects.create(
        **(defaults | {"context_window": 200_000, "max_output_tokens": 8_192} | fields), slug=slug, created_at=now
    )
    if prices is not None:
        publish_prices(model, prices, tiers=tiers, valid_from=now, actor=ROBOT, now=now)
    return model


def make_event(key: ApiKey, model: Model, *, at: datetime, counts: TokenCounts, **fields: Any) -> UsageEvent:
    """Answer an event that cost what the price version in force at `at` says; it is not stored yet."""
    version = price_version_in_force(model, at=at, organization=key.organization)
    assert version is not None, f"{model} has no price at {at}"
    event = UsageEvent(
        id=uuid7(),
        organization=key.organization_id,
        project=key.project_id,
        key=key.pk,
        model=model.pk,
        price_version=version.pk,
        counts=counts,
        amount=amount_of(counts, version.tables[ServiceTier(fields.get("service_tier", "standard"))]),
        occurred_at=at,
    )
    return replace(event, **fields)


def settle(*events: UsageEvent) -> list[tuple[UUID, int, int, int, list[UUID]]]:
    """Store events as a gateway does; answer organization, version, available micro-dollars, new ones, conflicts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM settle(%s::jsonb)", [json.dumps([event.as_row() for event in events])])
        rows: list[tuple[UUID, int, int, int, list[UUID]]] = cursor.fetchall()
    return rows


def use(key: ApiKey, model: Model, *, at: datetime, counts: TokenCounts, **fields: Any) -> UsageEvent:
    """Store one event, and answer it."""
    event = make_event(key, model, at=at, counts=counts, **fields)
    settle(event)
    return event


def prices_of(version: PriceVersion) -> dict[TokenClass, int]:
    """The standard tier's."""
    return version.tables[ServiceTier.STANDARD]


def halved(prices: Mapping[TokenClass, int]) -> dict[TokenClass, int]:
    return {token_class: price // 2 for token_class, price in prices.items()}
