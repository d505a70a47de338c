"""The blocks that a conversation is made of, as far as a chat completion can carry them. Others are refused by type."""

from typing import Literal

import msgspec


class Text(msgspec.Struct, tag_field="type", tag="text"):
    text: str


class Base64Source(msgspec.Struct, tag_field="type", tag="base64"):
    media_type: str
    data: str


class UrlSource(msgspec.Struct, tag_field="type", tag="url"):
    url: str


class Image(msgspec.Struct, tag_field="type", tag="image"):
    source: Base64Source | UrlSource


class ToolUse(msgspec.Struct, tag_field="type", tag="tool_use"):
    id: str
    name: str
    input: dict[str, msgspec.Raw]


class ToolResult(msgspec.Struct, tag_field="type", tag="tool_result"):
    tool_use_id: str
    content: str | list[Text] | None = None
    is_error: bool | None = None


class Thinking(msgspec.Struct, tag_field="type", tag="thinking"):
    thinking: str


class RedactedThinking(msgspec.Struct, tag_field="type", tag="redacted_thinking"):
    data: str


Block = Text | Image | ToolUse | ToolResult | Thinking | RedactedThinking


class Message(msgspec.Struct):
    role: Literal["user", "assistant", "system"]
    content: str | list[Block]
