"""Prices of several models at several instants, read from the database once."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from accounts.models import Organization
from catalog.facts import CURRENCY
from catalog.models import Model, PriceVersion
from core.service_tier import ServiceTier
from core.usage import PriceTable


class PriceList:
    """What an organization pays for these models: its contract's prices where it has some in force, else the list's."""

    def __init__(self, models: Iterable[Model], organization: Organization) -> None:
        versions = PriceVersion.objects.published().filter(
            Q(organization=None) | Q(organization=organization), model__in=list(models), currency=CURRENCY
        )
        # Contracts come first, and of each the latest: the first that has begun is the one in force.
        newest = versions.prefetch_related("prices").order_by("-valid_from")
        self._versions = sorted(newest, key=lambda version: version.organization_id is None)
        self._tables = {version.pk: version.tables for version in self._versions}

    def in_force(self, model: UUID, *, at: datetime) -> PriceVersion | None:
        begun = (each for each in self._versions if each.model_id == model and each.valid_from <= at)
        return next(begun, None)

    def table(self, version: PriceVersion, tier: ServiceTier) -> PriceTable | None:
        """Answer picodollars per unit; None where the tier is not sold."""
        return self._tables[version.pk].get(tier)
