from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Organization
from catalog.models.model import Model
from core.ids import uuid7
from core.service_tier import ServiceTier
from core.usage import TokenClass

TIERS = [tier.value for tier in ServiceTier]


class PriceVersionQuerySet(models.QuerySet["PriceVersion"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def in_force(self, at: datetime) -> Self:
        """Versions that have begun; the latest of one model and organization is the one that counts."""
        return self.published().filter(valid_from__lte=at)


class PriceVersion(models.Model):
    """All prices of one model from an instant on, until the next version.

    Once published the database refuses changes; one that has not begun yet may be deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    model = models.ForeignKey(Model, models.PROTECT, related_name="price_versions")
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, help_text="Set where a contract overrides the list price."
    )
    currency = models.CharField(max_length=3, default="USD")
    valid_from = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PriceVersionQuerySet.as_manager()

    class Meta:
        ordering = ["model", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "currency", "valid_from"],
                condition=Q(organization=None),
                name="one_list_price_version_per_instant",
            ),
            models.UniqueConstraint(
                fields=["model", "organization", "currency", "valid_from"],
                condition=~Q(organization=None),
                name="one_contract_price_version_per_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} from {self.valid_from:%Y-%m-%d %H:%M}"

    @property
    def tables(self) -> dict[ServiceTier, dict[TokenClass, int]]:
        """Micro-dollars per million by service tier and token class, both in their order. Reads `prices`."""
        base = {(each.service_tier, each.token_class): each for each in self.prices.all() if each.context_from == 0}
        tables = {
            tier: {each: base[tier, each].micros_per_million for each in TokenClass if (tier, each) in base}
            for tier in ServiceTier
        }
        return {tier: table for tier, table in tables.items() if table}


class Price(models.Model):
    """Micro-dollars per million units: which is picodollars per unit."""

    version = models.ForeignKey(PriceVersion, models.CASCADE, related_name="prices")
    token_class = models.CharField(max_length=16, choices=[(each.value, each.label) for each in TokenClass])
    service_tier = models.CharField(
        max_length=16, choices=[(each.value, each.label) for each in ServiceTier], default=ServiceTier.STANDARD.value
    )
    context_from = models.PositiveIntegerField(default=0, help_text="Input tokens from which this price applies.")
    micros_per_million = models.BigIntegerField(help_text="$1.25 per million tokens is 1250000.")

    class Meta:
        ordering = ["version", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "token_class", "service_tier", "context_from"], name="one_price_per_token_class"
            ),
            models.CheckConstraint(condition=Q(micros_per_million__gte=0), name="prices_are_not_negative"),
            models.CheckConstraint(condition=Q(service_tier__in=TIERS), name="prices_are_of_known_tiers"),
        ]

    def __str__(self) -> str:
        return f"{self.token_class}, {self.service_tier}: {self.micros_per_million}"
