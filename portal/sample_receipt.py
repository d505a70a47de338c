"""What a typical call costs at a model's present prices, line by line."""

from collections.abc import Mapping, Sequence

from core.usage import TokenClass, TokenCounts
from portal.usage_receipt import ReceiptLine

SAMPLE = TokenCounts(input=1_200, cache_read=8_000, output=350, reasoning=120)


def sample_receipt(prices: Mapping[TokenClass, int]) -> Sequence[ReceiptLine]:
    """Answer a line for each class that the sample uses and the model has a price for."""
    return [
        ReceiptLine(token_class, count, prices[token_class])
        for token_class, count in SAMPLE.items()
        if count and token_class in prices
    ]
