"""The turns of a conversation as messages."""

import re
from base64 import b64decode
from collections.abc import Iterator

import msgspec

from gateway.dialects.anthropic_messages import options
from gateway.dialects.anthropic_messages.conversation import NAME, REDACTED
from gateway.dialects.conversation import (
    Conversation,
    File,
    Image,
    Part,
    Refused,
    Role,
    Text,
    Thought,
    ToolCall,
    ToolResult,
    Turn,
    joined,
)
from gateway.dialects.data_urls import data_in
from gateway.dialects.options import Option
from gateway.dialects.saying import CantSay
from gateway.dialects.spoken import Asked

Block = dict[str, object]
PDF = "application/pdf"
PLAIN = "text/plain"
_NOT_OF_AN_ID = re.compile(r"[^a-zA-Z0-9_-]")


def body(said: Conversation, asked: Asked, bound: int) -> dict[str, object]:
    """Raises `CantSay`. System texts come first here; those that came later stay where they were."""
    turns = joined(said.turns, *Role)
    first = turns[0] if turns and turns[0].role == Role.SYSTEM else None
    rest = turns[1:] if first else turns
    return {
        "system": _blocks(first) if first else None,
        "messages": [{"role": turn.role, "content": _blocks(turn)} for turn in rest if _blocks(turn)],
        "max_tokens": bound,
        "stream": True if asked.is_stream else None,
        **options.said(said),
    }


def _blocks(turn: Turn) -> list[Block]:
    """Results of tools must come first."""
    found = [block for part in turn.parts for block in _block(part)]
    return sorted(found, key=lambda block: block["type"] != "tool_result")


def _block(part: Part) -> Iterator[Block]:
    """Empty texts are refused by servers, and say nothing."""
    match part:
        case Text() | Refused():
            if part.text:
                yield {"type": "text", "text": part.text}
        case ToolCall():
            yield {"type": "tool_use", "id": _id(part.id), "name": part.name, "input": _input(part.arguments)}
        case ToolResult():
            yield _result(part)
        case Thought():
            yield from _thought(part)
        case _:
            yield _shown(part)


def _id(call: str) -> str:
    """Other dialects take any text, here it is a word."""
    return _NOT_OF_AN_ID.sub("_", call)


def _input(arguments: str) -> msgspec.Raw:
    try:
        msgspec.json.decode(arguments or "{}", type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        raise CantSay(Option.MESSAGES, "A tool call whose arguments are no JSON object") from None
    return msgspec.Raw(arguments.encode() or b"{}")


def _result(result: ToolResult) -> Block:
    content = [block for part in result.parts for block in _block(part)]
    told: Block = {"type": "tool_result", "tool_use_id": _id(result.call_id), "content": content}
    return told | ({"is_error": True} if result.is_error else {})


def _thought(thought: Thought) -> Iterator[Block]:
    """Servers refuse thoughts that they didn't sign."""
    if thought.made_by != NAME or not thought.seal:
        return
    if thought.id == REDACTED:
        yield {"type": "redacted_thinking", "data": thought.seal}
    else:
        yield {"type": "thinking", "thinking": thought.text, "signature": thought.seal}


def _shown(part: Part) -> Block:
    match part:
        case Image():
            return {"type": "image", "source": _source(part.url)}
        case File():
            title: Block = {"title": part.name} if part.name else {}
            return {"type": "document", "source": _document(part.url)} | title
    raise CantSay(Option.MESSAGES, f"A part of the kind {type(part).__name__.lower()}")


def _source(url: str) -> Block:
    data = data_in(url)
    if data is None and url.startswith("data:"):
        raise CantSay(Option.MESSAGES, "A data: URL that is not base64")
    if data is None:
        return {"type": "url", "url": url}
    return {"type": "base64", "media_type": data.media_type, "data": data.base64}


def _document(url: str) -> Block:
    data = data_in(url)
    if data is None or data.media_type == PDF:
        return _source(url)
    if data.media_type != PLAIN:
        raise CantSay(Option.MESSAGES, f"A file of the type {data.media_type}")
    try:
        return {"type": "text", "media_type": PLAIN, "data": b64decode(data.base64).decode()}
    except ValueError:
        raise CantSay(Option.MESSAGES, "A text file that is not base64 of UTF-8") from None
