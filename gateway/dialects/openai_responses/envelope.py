"""What a response says of its request: each field as it was asked for, or its usual value."""

from core.wire import ModelFacts
from gateway.dialects.fields import RawFields

USUAL: dict[str, object] = {
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
    "user": None,
}
# What is never served has one value.
FIXED: dict[str, object] = {
    "object": "response",
    "background": False,
    "completed_at": None,
    "error": None,
    "incomplete_details": None,
    "previous_response_id": None,
    "store": False,
    "top_logprobs": 0,
    "truncation": "disabled",
    "usage": None,
}


def envelope_of(asked: RawFields, model: ModelFacts) -> dict[str, object]:
    given = {name: asked[name] for name in USUAL if name in asked and bytes(asked[name]) != b"null"}
    return {**FIXED, **USUAL, **given, "model": model.slug}
