"""`usage` of a response, whose input includes cached tokens and whose output includes reasoning.

OpenAI keeps what is written to its cache for 30 minutes or 12 hours: the shorter counts as Anthropic's five minutes,
the longer as its hour.
"""

import msgspec

from core.usage import TokenCounts
from gateway.dialects.disjoint import disjoint


class Written(msgspec.Struct):
    ttl_30m_tokens: int | None = None
    ttl_12h_tokens: int | None = None


class InputDetails(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_tokens_details: Written | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None


class OutputDetails(msgspec.Struct):
    reasoning_tokens: int | None = None
    audio_tokens: int | None = None


class Usage(msgspec.Struct):
    input_tokens: int = 0
    output_tokens: int = 0
    input_tokens_details: InputDetails | None = None
    output_tokens_details: OutputDetails | None = None


def counts_of(usage: Usage) -> TokenCounts:
    read = usage.input_tokens_details or InputDetails()
    written = read.cache_write_tokens_details or Written()
    made = usage.output_tokens_details or OutputDetails()
    long = min(written.ttl_12h_tokens or 0, read.cache_write_tokens or 0)
    return disjoint(
        usage.input_tokens,
        usage.output_tokens,
        cache_read=read.cached_tokens,
        cache_write_5m=(read.cache_write_tokens or 0) - long,
        cache_write_1h=long,
        audio_in=read.audio_tokens,
        image_in=read.image_tokens,
        reasoning=made.reasoning_tokens,
        audio_out=made.audio_tokens,
    )


def usage_of(counts: TokenCounts) -> dict[str, object]:
    written = counts.cache_write_5m + counts.cache_write_1h
    return {
        "input_tokens": counts.total_input,
        "input_tokens_details": {"cached_tokens": counts.cache_read, "cache_write_tokens": written},
        "output_tokens": counts.total_output,
        "output_tokens_details": {"reasoning_tokens": counts.reasoning},
        "total_tokens": counts.total,
    }
