"""Token classes: disjoint by definition, so that no token is counted under two prices.

Wire formats are derived from these (OpenAI's prompt tokens include cached ones, Anthropic's exclude them).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from core.money import Picos


class TokenClass(StrEnum):
    INPUT = "input"
    CACHE_READ = "cache_read"
    CACHE_WRITE_5M = "cache_write_5m"
    CACHE_WRITE_1H = "cache_write_1h"
    OUTPUT = "output"
    REASONING = "reasoning"
    AUDIO_IN = "audio_in"
    AUDIO_OUT = "audio_out"
    IMAGE_IN = "image_in"
    REQUESTS = "requests"

    @property
    def is_input(self) -> bool:
        return self in INPUT_CLASSES

    @property
    def label(self) -> str:
        """The words that an invoice line uses."""
        return LABELS[self]


LABELS = {
    TokenClass.INPUT: "input tokens",
    TokenClass.CACHE_READ: "cached input tokens",
    TokenClass.CACHE_WRITE_5M: "cache write tokens (5 minutes)",
    TokenClass.CACHE_WRITE_1H: "cache write tokens (1 hour)",
    TokenClass.OUTPUT: "output tokens",
    TokenClass.REASONING: "reasoning tokens",
    TokenClass.AUDIO_IN: "audio input tokens",
    TokenClass.AUDIO_OUT: "audio output tokens",
    TokenClass.IMAGE_IN: "image input tokens",
    TokenClass.REQUESTS: "requests",
}

INPUT_CLASSES = frozenset(
    {
        TokenClass.INPUT,
        TokenClass.CACHE_READ,
        TokenClass.CACHE_WRITE_5M,
        TokenClass.CACHE_WRITE_1H,
        TokenClass.AUDIO_IN,
        TokenClass.IMAGE_IN,
    }
)

CLASSES = tuple(TokenClass)
NAMES = tuple(token_class.value for token_class in CLASSES)
_counts_of = attrgetter(*CLASSES)

# Picodollars per token (= micro-dollars per million tokens), by token class.
PriceTable = Mapping[TokenClass, int]


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Tokens of one request by disjoint class; every count is at least 0."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    audio_in: int = 0
    audio_out: int = 0
    image_in: int = 0
    requests: int = 0

    def __post_init__(self) -> None:
        if min(_counts_of(self)) < 0:
            negative = [f"{token_class}: {count}" for token_class, count in self.items() if count < 0]
            raise ValueError(f"Token counts cannot be negative ({', '.join(negative)}).")

    def items(self) -> Iterator[tuple[TokenClass, int]]:
        return zip(CLASSES, _counts_of(self), strict=True)

    def by_name(self) -> dict[str, int]:
        return dict(zip(NAMES, _counts_of(self), strict=True))

    @property
    def total_input(self) -> int:
        cached = self.cache_read + self.cache_write_5m + self.cache_write_1h
        return self.input + cached + self.audio_in + self.image_in

    @property
    def total_output(self) -> int:
        return self.output + self.reasoning + self.audio_out

    @property
    def total(self) -> int:
        """All tokens; requests are not tokens."""
        return self.total_input + self.total_output


def amount_of(counts: TokenCounts, prices: PriceTable) -> Picos:
    """Charge every token at the price of its class, exactly; a class without a price is free."""
    return Picos(sum([count * prices.get(token_class, 0) for token_class, count in counts.items() if count]))
