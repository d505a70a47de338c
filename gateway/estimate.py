"""What a request may use at most, before the model server has counted. The rules: docs/algorithms/admission.md."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.money import micros_up
from core.usage import INPUT_CLASSES, TokenClass
from core.wire import ModelFacts

BYTES_PER_TOKEN = 4
# What a model server may add around the messages: a system preamble, role marks.
TEMPLATE_TOKENS = 256
MEDIA_MARKS = (
    b'"image_url"',
    b'"input_image"',
    b'"image"',
    b'"input_audio"',
    b'"audio"',
    b'"file"',
    b'"input_file"',
    b'"document"',
)

_ESCAPED_LETTER = re.compile(rb"\\u00(?:5[fF]|6[1-9a-fA-F]|7[0-9aA])")

TEXT_IN = frozenset({TokenClass.INPUT, TokenClass.CACHE_READ, TokenClass.CACHE_WRITE_5M, TokenClass.CACHE_WRITE_1H})
TEXT_OUT = frozenset({TokenClass.OUTPUT, TokenClass.REASONING})
ANY_OUT = TEXT_OUT | {TokenClass.AUDIO_OUT}


@dataclass(frozen=True, slots=True)
class Estimate:
    """`input_tokens` and `output_tokens` count against the rate limits; `most_input_tokens` bounds the hold."""

    input_tokens: int
    most_input_tokens: int
    output_tokens: int
    has_media: bool


def estimate(body: bytes, prompt_bytes: int, *, output_tokens: int, model: ModelFacts) -> Estimate:
    """No tokenizer makes more tokens than bytes; pictures and sound count tokens that their bytes don't show."""
    has_media = any(mark in body for mark in MEDIA_MARKS) or _hides_a_mark(body)
    most = model.context_window if has_media else min(len(body) + TEMPLATE_TOKENS, model.context_window)
    return Estimate(
        input_tokens=min(tokens_of_bytes(prompt_bytes), most),
        most_input_tokens=most,
        output_tokens=output_tokens,
        has_media=has_media,
    )


def _hides_a_mark(body: bytes) -> bool:
    """No encoder escapes letters: who does hides something, perhaps the mark of a picture."""
    return b"\\u00" in body and _ESCAPED_LETTER.search(body) is not None


def tokens_of_bytes(count: int) -> int:
    """The published rule where nobody counted: a token for each four bytes of UTF-8, rounded up."""
    return -(-count // BYTES_PER_TOKEN)


def hold_of(most: Estimate, prices: Mapping[str, int]) -> int:
    """Micro-dollars that no honest count can exceed: every token at the dearest price of its side, rounded up."""
    dearest_in = _dearest(prices, INPUT_CLASSES if most.has_media else TEXT_IN)
    dearest_out = _dearest(prices, ANY_OUT if most.has_media else TEXT_OUT)
    picos = most.most_input_tokens * dearest_in + most.output_tokens * dearest_out
    return micros_up(picos + prices.get(TokenClass.REQUESTS, 0))


def _dearest(prices: Mapping[str, int], classes: Iterable[TokenClass]) -> int:
    return max((prices.get(token_class, 0) for token_class in classes), default=0)
