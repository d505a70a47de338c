"""The receipt of one request: each token class at its price, which is what the wallet was charged."""

from dataclasses import dataclass

from catalog.models import Price
from core.usage import TokenClass
from usage.models import UsageEvent


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """`unit_price` in micro-dollars per million units, which is picodollars per unit; `amount` in picodollars."""

    token_class: TokenClass
    quantity: int
    unit_price: int

    @property
    def amount(self) -> int:
        return self.quantity * self.unit_price


def receipt_of(event: UsageEvent) -> list[ReceiptLine]:
    """Answer a line per class that the request used, at the prices of the event's own version."""
    prices = Price.objects.filter(
        version_id=event.price_version_id, service_tier=event.service_tier, context_from=0
    ).values_list("token_class", "micros_per_million")
    price_of = {TokenClass(token_class): micros for token_class, micros in prices}
    return [
        ReceiptLine(token_class, count, price_of.get(token_class, 0))
        for token_class, count in event.counts.items()
        if count and (token_class is not TokenClass.REQUESTS or token_class in price_of)
    ]
