"""`usage` of a response, whose input includes cached tokens and whose output includes reasoning."""

from core.usage import TokenCounts


def usage_of(counts: TokenCounts) -> dict[str, object]:
    written = counts.cache_write_5m + counts.cache_write_1h
    return {
        "input_tokens": counts.total_input,
        "input_tokens_details": {"cached_tokens": counts.cache_read, "cache_write_tokens": written},
        "output_tokens": counts.total_output,
        "output_tokens_details": {"reasoning_tokens": counts.reasoning},
        "total_tokens": counts.total,
    }
