"""What is sold: models and their price book."""

from catalog.models.model import Model
from catalog.models.price import Price, PriceVersion

__all__ = ["Model", "Price", "PriceVersion"]
