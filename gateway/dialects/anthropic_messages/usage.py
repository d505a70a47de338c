"""Anthropic's `usage`, whose input leaves cached tokens out, from disjoint counts."""

from core.usage import TokenCounts


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
