"""What is sold: models, who serves them, and their price book."""

from catalog.models.model import Model
from catalog.models.price import Price, PriceVersion
from catalog.models.upstream import Upstream

__all__ = ["Model", "Price", "PriceVersion", "Upstream"]
