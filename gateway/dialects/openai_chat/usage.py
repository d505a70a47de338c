"""`usage` of a chat completion, whose prompt includes cached tokens and whose completion includes reasoning."""

import msgspec

from core.usage import TokenCounts
from gateway.dialects.disjoint import disjoint


class PromptDetails(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None


class CompletionDetails(msgspec.Struct):
    reasoning_tokens: int | None = None
    audio_tokens: int | None = None


class Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None


def counts_of(usage: Usage) -> TokenCounts:
    prompt = usage.prompt_tokens_details or PromptDetails()
    completion = usage.completion_tokens_details or CompletionDetails()
    return disjoint(
        usage.prompt_tokens,
        usage.completion_tokens,
        cache_read=prompt.cached_tokens,
        cache_write_5m=prompt.cache_write_tokens,
        audio_in=prompt.audio_tokens,
        image_in=prompt.image_tokens,
        reasoning=completion.reasoning_tokens,
        audio_out=completion.audio_tokens,
    )


def usage_of(counts: TokenCounts) -> dict[str, object]:
    return {
        "prompt_tokens": counts.total_input,
        "completion_tokens": counts.total_output,
        "total_tokens": counts.total,
        "prompt_tokens_details": {
            "cached_tokens": counts.cache_read,
            "cache_write_tokens": counts.cache_write_5m + counts.cache_write_1h,
            "audio_tokens": counts.audio_in,
            "image_tokens": counts.image_in,
        },
        "completion_tokens_details": {"reasoning_tokens": counts.reasoning, "audio_tokens": counts.audio_out},
    }
