"""OpenAI's overlapping numbers become disjoint counts that add up to the same totals."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from core.usage import TokenCounts
from gateway.dialects.openai_chat.usage import CompletionDetails, PromptDetails, Usage, counts_of

NUMBERS = st.none() | st.integers(-5, 100)
USAGES = st.builds(
    Usage,
    prompt_tokens=st.integers(0, 200),
    completion_tokens=st.integers(0, 200),
    prompt_tokens_details=st.none() | st.builds(PromptDetails, NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    completion_tokens_details=st.none() | st.builds(CompletionDetails, NUMBERS, NUMBERS),
)


@given(USAGES)
def test_totals_stay_whatever_the_details_say(usage: Usage) -> None:
    counts = counts_of(usage)

    assert counts.total_input == usage.prompt_tokens
    assert counts.total_output == usage.completion_tokens
    assert counts.requests == 1


def test_each_detail_is_its_own_class() -> None:
    usage = msgspec.json.decode(
        b"""{"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150, "cost": 1,
        "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 10, "audio_tokens": 5, "image_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 30, "audio_tokens": 2, "text_tokens": 18}}""",
        type=Usage,
    )

    assert counts_of(usage) == TokenCounts(
        input=21,
        cache_read=60,
        cache_write_5m=10,
        audio_in=5,
        image_in=4,
        output=18,
        reasoning=30,
        audio_out=2,
        requests=1,
    )
