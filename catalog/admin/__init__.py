"""Staff pages of the catalogue."""

from catalog.admin.models import ModelAdmin
from catalog.admin.prices import PriceVersionAdmin

__all__ = ["ModelAdmin", "PriceVersionAdmin"]
