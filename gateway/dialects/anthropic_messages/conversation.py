"""A message's request as a conversation."""

from base64 import b64encode
from collections.abc import Iterator, Sequence

import msgspec

from gateway.dialects import fields, seals
from gateway.dialects.anthropic_messages import blocks
from gateway.dialects.anthropic_messages.options import (
    COPIED,
    OutputConfig,
    ThinkingConfig,
    Tool,
    ToolChoice,
    choice_in,
    effort_in,
    format_in,
    tools_in,
)
from gateway.dialects.conversation import (
    Conversation,
    File,
    Image,
    Part,
    Role,
    Text,
    Thought,
    ToolCall,
    ToolResult,
    Turn,
)
from gateway.dialects.data_urls import data_url
from gateway.dialects.fields import FieldRefused
from gateway.dialects.saying import refuse_unless_usual
from gateway.dialects.spoken import Asked

NAME = "anthropic_messages"
REDACTED = "redacted"
NOTHING = frozenset({b"[]", b"{}"})
# Each would change the answer in a way that only a server of this dialect knows.
USUAL = dict.fromkeys(("top_k", "context_management", "prefill"), NOTHING)
PLACES: dict[Role, tuple[type, ...]] = {
    Role.USER: (blocks.ToolUse, blocks.Thinking, blocks.RedactedThinking),
    Role.ASSISTANT: (blocks.ImageBlock, blocks.DocumentBlock, blocks.ToolResultBlock),
    Role.SYSTEM: (
        blocks.ToolUse,
        blocks.ImageBlock,
        blocks.DocumentBlock,
        blocks.ToolResultBlock,
        blocks.Thinking,
        blocks.RedactedThinking,
    ),
}


class Asks(msgspec.Struct):
    messages: list[blocks.Message]
    system: str | list[blocks.TextBlock] | None = None
    tools: list[Tool] | None = None
    tool_choice: ToolChoice | None = None
    thinking: ThinkingConfig | None = None
    output_config: OutputConfig | None = None
    stop_sequences: list[str] | None = None
    temperature: float | None = None
    top_p: float | None = None


_DECODER = msgspec.json.Decoder(Asks)


def conversation(asked: Asked) -> Conversation:
    """Raises `FieldRefused`."""
    refuse_unless_usual(asked.raw, USUAL)
    asks = fields.decode(asked.body, _DECODER)
    if asks.messages[-1].role == "assistant":
        reason = "messages ends with an assistant turn: prefilling an answer can't be served by this model."
        raise FieldRefused(reason, param="messages")
    choice = asks.tool_choice
    return Conversation(
        turns=(*_system(asks.system), *(_turn(message) for message in asks.messages)),
        tools=tools_in(asks.tools),
        choice=choice_in(choice),
        are_calls_parallel=False if choice and choice.disable_parallel_tool_use else None,
        effort=effort_in(asks.thinking, asks.output_config),
        format=format_in(asks.output_config),
        stop=tuple(asks.stop_sequences or ()),
        customer=asked.customer,
        options=fields.picked(asked.raw, COPIED),
    )


def _system(system: str | Sequence[blocks.TextBlock] | None) -> Iterator[Turn]:
    if system:
        texts = [system] if isinstance(system, str) else [block.text for block in system]
        yield Turn(Role.SYSTEM, tuple(Text(text) for text in texts))


def _turn(message: blocks.Message) -> Turn:
    role = Role(message.role)
    if isinstance(message.content, str):
        return Turn(role, (Text(message.content),))
    for block in message.content:
        if isinstance(block, PLACES[role]):
            kind = type(block).__struct_config__.tag
            raise FieldRefused(f"A message of the role {role} can't have a block of type {kind}.", param="messages")
    return Turn(role, tuple(_part(block) for block in message.content))


def _part(block: blocks.Block) -> Part:
    match block:
        case blocks.ToolUse():
            return ToolCall(block.id, block.name, msgspec.json.encode(block.input).decode())
        case blocks.ToolResultBlock():
            return ToolResult(block.tool_use_id, tuple(_result(block.content or "")), bool(block.is_error))
        case blocks.Thinking():
            seal = seals.opened(block.signature, native=NAME)
            return Thought(block.thinking, seal.text, seal.made_by, seal.id)
        case blocks.RedactedThinking():
            return Thought("", block.data, NAME, REDACTED)
    return _shown(block)


def _result(
    content: str | Sequence[blocks.TextBlock | blocks.ImageBlock | blocks.DocumentBlock],
) -> Iterator[Text | Image | File]:
    if isinstance(content, str):
        yield Text(content)
        return
    for block in content:
        yield _shown(block)


def _shown(block: blocks.TextBlock | blocks.ImageBlock | blocks.DocumentBlock) -> Text | Image | File:
    match block:
        case blocks.TextBlock():
            return Text(block.text)
        case blocks.ImageBlock():
            return Image(_url(block.source))
    return File(_url(block.source), block.title)


def _url(source: blocks.Base64Source | blocks.UrlSource | blocks.PlainSource) -> str:
    match source:
        case blocks.UrlSource():
            return source.url
        case blocks.PlainSource():
            return data_url("text/plain", b64encode(source.data.encode()).decode())
    return data_url(source.media_type, source.data)
