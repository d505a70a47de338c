"""The live catalogue as public pages show it: models with the prices in force, plans with the terms on offer."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import Prefetch

from billing.models import Plan, PlanVersion
from catalog.facts import CURRENCY
from catalog.models import Model, PriceVersion
from core.service_tier import OTHER_TIERS, ServiceTier
from core.usage import TokenClass


@dataclass(frozen=True, slots=True)
class ListedModel:
    """Micro-dollars per million units: standard prices, and those of the other service tiers that are sold.

    Empty where nothing is sold, as with open weights.
    """

    model: Model
    prices: Mapping[TokenClass, int]
    tiers: Mapping[ServiceTier, Mapping[TokenClass, int]] = field(default_factory=dict)

    @property
    def is_callable(self) -> bool:
        return bool(self.prices) and not self.model.is_paused


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan with the terms that a subscriber would get now."""

    plan: Plan
    terms: PlanVersion


def listed_models(at: datetime) -> Sequence[ListedModel]:
    """Answer what everybody may know of, in the seller's order."""
    models = Model.objects.filter(stage__in=Model.PUBLIC_STAGES, is_hidden=False)
    versions = (
        PriceVersion.objects.in_force(at)
        .filter(model__in=models, organization=None, currency=CURRENCY)
        .order_by("model_id", "-valid_from")
        .distinct("model_id")
        .prefetch_related("prices")
    )
    tables = {version.model_id: version.tables for version in versions}
    return [_listed(model, tables.get(model.pk, {})) for model in models]


def unknown_slugs(slugs: Iterable[str]) -> AbstractSet[str]:
    """Answer those that name no model which everybody may call; hidden ones can be called by who knows them."""
    asked = set(slugs)
    known = Model.objects.filter(slug__in=asked, stage__in=Model.PUBLIC_STAGES).values_list("slug", flat=True)
    return asked - set(known) if asked else asked


def _listed(model: Model, tables: Mapping[ServiceTier, Mapping[TokenClass, int]]) -> ListedModel:
    others: dict[ServiceTier, Mapping[TokenClass, int]] = {tier: tables[tier] for tier in OTHER_TIERS if tier in tables}
    return ListedModel(model, tables.get(ServiceTier.STANDARD, {}), others)


def first_chat_model(models: Sequence[ListedModel]) -> ListedModel | None:
    """Answer the model that examples call: the seller's first that can be called."""
    return next((each for each in models if each.is_callable and each.model.kind == Model.Kind.CHAT), None)


def offers() -> Sequence[Offer]:
    """Answer the public plans, each with its newest published version; a plan without one is not on offer yet."""
    published = PlanVersion.objects.filter(status=PlanVersion.Status.PUBLISHED).order_by("-number")
    plans = Plan.objects.filter(is_public=True).prefetch_related(Prefetch("versions", published, to_attr="on_offer"))
    return [Offer(plan, plan.on_offer[0]) for plan in plans if plan.on_offer]


def base_url() -> str:
    """The address that SDKs are given."""
    return f"{settings.GATEWAY_URL}/v1"
