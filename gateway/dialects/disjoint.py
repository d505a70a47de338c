"""OpenAI's totals, whose input includes cached tokens and whose output includes reasoning, as disjoint counts."""

from core.usage import TokenCounts


def disjoint(
    prompt: int,
    completion: int,
    *,
    cache_read: int | None = None,
    cache_write_5m: int | None = None,
    cache_write_1h: int | None = None,
    audio_in: int | None = None,
    image_in: int | None = None,
    reasoning: int | None = None,
    audio_out: int | None = None,
) -> TokenCounts:
    """A detail never exceeds what its total leaves, so that no token is counted twice or below zero."""
    read, left = _take(cache_read, max(0, prompt))
    written_1h, left = _take(cache_write_1h, left)
    written_5m, left = _take(cache_write_5m, left)
    heard, left = _take(audio_in, left)
    seen, input_ = _take(image_in, left)
    thought, left = _take(reasoning, max(0, completion))
    spoken, output = _take(audio_out, left)
    return TokenCounts(
        input=input_,
        cache_read=read,
        cache_write_5m=written_5m,
        cache_write_1h=written_1h,
        audio_in=heard,
        image_in=seen,
        output=output,
        reasoning=thought,
        audio_out=spoken,
        requests=1,
    )


def _take(asked: int | None, left: int) -> tuple[int, int]:
    taken = min(max(0, asked or 0), left)
    return taken, left - taken
