"""The request: what can be said as a chat completion is translated, what can't is refused by name."""

from functools import partial
from typing import Annotated, Literal

import msgspec

from gateway.dialects import fields
from gateway.dialects.fields import FieldRefused, RawFields
from gateway.dialects.openai_chat import Count
from gateway.dialects.openai_responses.conversation import chat_messages
from gateway.dialects.openai_responses.text_format import TextConfig, response_format
from gateway.dialects.openai_responses.tools import Function, ToolChoice, chat_tool_choice, chat_tools
from gateway.dialects.openai_responses.writer import ResponsesWriter
from gateway.dialects.translated import TranslatedRequest, translated

STATELESS = "Responses are not stored here: send the whole conversation as input, and leave {} out."
NOT_SERVED = "{} can't be served by this model."
# Anything but these values is refused, with the reason.
REFUSED: dict[str, tuple[str, frozenset[bytes]]] = {
    "store": (STATELESS, frozenset({b"false"})),
    "background": (STATELESS, frozenset({b"false"})),
    "previous_response_id": (STATELESS, frozenset()),
    "conversation": (STATELESS, frozenset()),
    "prompt": (STATELESS, frozenset()),
    "truncation": (NOT_SERVED, frozenset({b'"disabled"'})),
    "top_logprobs": (NOT_SERVED, frozenset({b"0"})),
    "include": (NOT_SERVED, frozenset({b"[]", b'["reasoning.encrypted_content"]'})),
    "context_management": (NOT_SERVED, frozenset({b"[]"})),
    "moderation": (NOT_SERVED, frozenset()),
}
# The same name means the same in a chat completion.
SHARED = (
    "temperature",
    "top_p",
    "stream",
    "parallel_tool_calls",
    "service_tier",
    "user",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
)
RENAMED = {
    "messages": "input",
    "max_tokens": "max_output_tokens",
    "response_format": "text",
    "verbosity": "text",
    "reasoning_effort": "reasoning",
}


class Reasoning(msgspec.Struct):
    effort: str | None = None


class ResponsesFields(msgspec.Struct):
    """Fields that are not named here, and would change nothing, are let pass."""

    model: Annotated[str, msgspec.Meta(min_length=1)]
    input: str | Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1)]
    instructions: str | None = None
    max_output_tokens: Count | None = None
    tools: list[Function] | None = None
    tool_choice: ToolChoice | None = None
    reasoning: Reasoning | None = None
    text: TextConfig | None = None
    stream: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    parallel_tool_calls: bool | None = None
    service_tier: Literal["auto", "default", "flex", "priority", "scale"] | None = None


_DECODER = msgspec.json.Decoder(ResponsesFields)


def read_responses(body: bytes) -> TranslatedRequest:
    """Raises `FieldRefused`."""
    asked, raw = fields.read(body, _DECODER)
    _refuse_what_is_not_served(raw)
    chat: dict[str, object] = {
        "model": asked.model,
        "messages": chat_messages(asked.instructions, asked.input),
        "max_tokens": asked.max_output_tokens,
        "tools": chat_tools(asked.tools),
        "tool_choice": chat_tool_choice(asked.tool_choice) if asked.tools else None,
        "reasoning_effort": asked.reasoning and asked.reasoning.effort,
        "response_format": response_format(asked.text),
        "verbosity": asked.text and asked.text.verbosity,
        **{name: raw[name] for name in SHARED if name in raw and bytes(raw[name]) != b"null"},
    }
    return translated(chat, writer=partial(ResponsesWriter, raw), renamed=RENAMED)


def _refuse_what_is_not_served(raw: RawFields) -> None:
    for name, (reason, harmless) in REFUSED.items():
        if name in raw and bytes(raw[name]).replace(b" ", b"") not in harmless | {b"null"}:
            raise FieldRefused(reason.format(name), param=name)
