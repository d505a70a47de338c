"""OpenAI's `usage`, whose input includes cached tokens and whose output includes reasoning, as disjoint counts."""

import msgspec

from core.usage import TokenCounts


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
    """A detail never exceeds what its total leaves, so that no token is counted twice or below zero."""
    prompt = usage.prompt_tokens_details or PromptDetails()
    completion = usage.completion_tokens_details or CompletionDetails()
    cache_read, left = _take(prompt.cached_tokens, max(0, usage.prompt_tokens))
    cache_write, left = _take(prompt.cache_write_tokens, left)
    audio_in, left = _take(prompt.audio_tokens, left)
    image_in, input_ = _take(prompt.image_tokens, left)
    reasoning, left = _take(completion.reasoning_tokens, max(0, usage.completion_tokens))
    audio_out, output = _take(completion.audio_tokens, left)
    return TokenCounts(
        input=input_,
        cache_read=cache_read,
        cache_write_5m=cache_write,
        audio_in=audio_in,
        image_in=image_in,
        output=output,
        reasoning=reasoning,
        audio_out=audio_out,
        requests=1,
    )


def _take(asked: int | None, left: int) -> tuple[int, int]:
    taken = min(max(0, asked or 0), left)
    return taken, left - taken
