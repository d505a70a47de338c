"""Service tiers: at which urgency a request is served, and at which prices."""

from enum import StrEnum


class ServiceTier(StrEnum):
    """Every model that is sold has standard prices; another tier is sold where the price version has prices for it."""

    STANDARD = "standard"
    PRIORITY = "priority"  # first where capacity is scarce
    FLEX = "flex"  # cheaper; shed first
    BATCH = "batch"  # cheaper; answered within a day, by batches alone

    @property
    def label(self) -> str:
        return self.value.capitalize()


OTHER_TIERS = tuple(tier for tier in ServiceTier if tier is not ServiceTier.STANDARD)
