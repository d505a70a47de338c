"""Anthropic's `usage`, whose input leaves cached tokens out, from and to disjoint counts."""

import msgspec

from core.usage import TokenCounts


class Written(msgspec.Struct):
    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class Made(msgspec.Struct):
    thinking_tokens: int | None = None


class Usage(msgspec.Struct):
    """Of a message, or of a message_delta, whose numbers are cumulative and which may leave out what is as it was."""

    input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: Written | None = None
    output_tokens: int | None = None
    output_tokens_details: Made | None = None
    service_tier: str | None = None

    def after(self, earlier: "Usage") -> "Usage":
        """This, and what only the earlier one has said."""
        said = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        return msgspec.structs.replace(earlier, **said)


def prompt_of(usage: Usage) -> TokenCounts:
    """Where the lifetimes are not told, what was written was written for five minutes, as is usual."""
    written = _count(usage.cache_creation_input_tokens)
    lifetimes = usage.cache_creation or Written()
    long = min(_count(lifetimes.ephemeral_1h_input_tokens), written)
    return TokenCounts(
        input=_count(usage.input_tokens),
        cache_read=_count(usage.cache_read_input_tokens),
        cache_write_5m=written - long,
        cache_write_1h=long,
        requests=1,
    )


def counts_of(usage: Usage) -> TokenCounts:
    output = _count(usage.output_tokens)
    thought = min(_count((usage.output_tokens_details or Made()).thinking_tokens), output)
    prompt = prompt_of(usage)
    return TokenCounts(
        input=prompt.input,
        cache_read=prompt.cache_read,
        cache_write_5m=prompt.cache_write_5m,
        cache_write_1h=prompt.cache_write_1h,
        output=output - thought,
        reasoning=thought,
        requests=1,
    )


def usage_of(counts: TokenCounts) -> dict[str, object]:
    return {
        **delta_usage_of(counts),
        "cache_creation": {
            "ephemeral_5m_input_tokens": counts.cache_write_5m,
            "ephemeral_1h_input_tokens": counts.cache_write_1h,
        },
        "service_tier": "standard",
    }


def delta_usage_of(counts: TokenCounts) -> dict[str, object]:
    """What a message_delta carries: cumulative, and exact."""
    return {
        "input_tokens": counts.input + counts.audio_in + counts.image_in,
        "cache_creation_input_tokens": counts.cache_write_5m + counts.cache_write_1h,
        "cache_read_input_tokens": counts.cache_read,
        "output_tokens": counts.total_output,
        "output_tokens_details": {"thinking_tokens": counts.reasoning},
    }


def _count(tokens: int | None) -> int:
    return max(0, tokens or 0)
