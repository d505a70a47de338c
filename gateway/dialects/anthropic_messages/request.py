"""The request: what can be said as a chat completion is translated, what can't is refused by name."""

from typing import Annotated, Literal

import msgspec

from gateway.anthropic_version import WITHOUT_SAMPLING
from gateway.dialects import fields
from gateway.dialects.anthropic_messages.blocks import Message, Text
from gateway.dialects.anthropic_messages.conversation import chat_messages
from gateway.dialects.anthropic_messages.thinking import (
    OutputConfig,
    ThinkingConfig,
    reasoning_effort,
    response_format,
)
from gateway.dialects.anthropic_messages.tools import Tool, ToolChoice, chat_tool_choice, chat_tools
from gateway.dialects.anthropic_messages.writer import MessagesWriter
from gateway.dialects.fields import FieldRefused, RawFields
from gateway.dialects.openai_chat import Count
from gateway.dialects.translated import TranslatedRequest, translated

SAMPLING = ("temperature", "top_p", "top_k")
# Each would change the answer in a way that a chat completion can't ask for.
NOT_SERVED = ("top_k", "container", "mcp_servers", "context_management", "inference_geo", "prefill")
RENAMED = {"stop": "stop_sequences", "response_format": "output_config", "reasoning_effort": "thinking"}


class Metadata(msgspec.Struct):
    user_id: str | None = None


class PromptFields(msgspec.Struct):
    """What a prompt is made of. Fields that are not named here, and would change nothing, are let pass."""

    model: Annotated[str, msgspec.Meta(min_length=1)]
    messages: Annotated[list[Message], msgspec.Meta(min_length=1)]
    system: str | list[Text] | None = None
    tools: list[Tool] | None = None
    tool_choice: ToolChoice | None = None
    thinking: ThinkingConfig | None = None
    output_config: OutputConfig | None = None
    speed: Literal["standard"] | None = None


class MessagesFields(PromptFields, kw_only=True):
    max_tokens: Count
    stream: bool | None = None
    stop_sequences: list[str] | None = None
    temperature: float | None = None
    top_p: float | None = None
    metadata: Metadata | None = None
    service_tier: Literal["auto", "standard_only"] | None = None


_DECODER = msgspec.json.Decoder(MessagesFields)


def read_messages(body: bytes, *, version: str) -> TranslatedRequest:
    """Raises `FieldRefused`."""
    asked, raw = fields.read(body, _DECODER)
    refuse_what_is_not_served(raw, version=version)
    chat: dict[str, object] = {
        **prompt_of(asked),
        "max_tokens": asked.max_tokens,
        "stream": asked.stream,
        "stop": asked.stop_sequences or None,
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "user": asked.metadata and asked.metadata.user_id,
    }
    return translated(chat, writer=MessagesWriter, renamed=RENAMED)


def prompt_of(asked: PromptFields) -> dict[str, object]:
    """The part of a chat completion that is read by the model. Raises `FieldRefused`."""
    return {
        "model": asked.model,
        "messages": chat_messages(asked.system, asked.messages),
        "tools": chat_tools(asked.tools),
        **chat_tool_choice(asked.tool_choice),
        "reasoning_effort": reasoning_effort(asked.thinking, asked.output_config),
        "response_format": response_format(asked.output_config),
    }


def refuse_what_is_not_served(raw: RawFields, *, version: str) -> None:
    """Raises `FieldRefused`."""
    for name in SAMPLING if version == WITHOUT_SAMPLING else ():
        if _is_given(raw, name):
            raise FieldRefused(f"{name} is no part of anthropic-version {version}.", param=name)
    for name in NOT_SERVED:
        if _is_given(raw, name):
            raise FieldRefused(f"{name} can't be served by this model.", param=name)


def _is_given(raw: RawFields, name: str) -> bool:
    return name in raw and bytes(raw[name]) not in {b"null", b"[]", b"{}"}
