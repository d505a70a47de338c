"""The turns of a conversation as the messages of a chat completion."""

from collections.abc import Iterator, Sequence

from gateway.dialects.conversation import (
    Audio,
    Conversation,
    File,
    Image,
    Part,
    Refused,
    Role,
    Text,
    ToolCall,
    ToolResult,
    Turn,
)
from gateway.dialects.openai_chat import options
from gateway.dialects.options import Option
from gateway.dialects.saying import CantSay
from gateway.dialects.spoken import Asked

Message = dict[str, object]
# Chat completions have no field for a failure, so that the model must read of it.
ERROR = "Error: "


def body(said: Conversation, asked: Asked, bound: int) -> dict[str, object]:
    """Raises `CantSay`. What was thought in earlier turns is left out: there is no place for it."""
    return {
        "messages": [message for turn in said.turns for message in _messages(turn)],
        "max_tokens": bound,
        "stream": True if asked.is_stream else None,
        "stream_options": {"include_usage": True} if asked.is_stream else None,
        **options.said(said),
    }


def _messages(turn: Turn) -> Iterator[Message]:
    if turn.role == Role.ASSISTANT:
        yield _assistant(turn.parts)
        return
    # Results come first: chat completions want them right after the calls.
    for part in turn.parts:
        if isinstance(part, ToolResult):
            yield {"role": "tool", "tool_call_id": part.call_id, "content": _result(part)}
    rest = [part for part in turn.parts if not isinstance(part, ToolResult)]
    if rest or not turn.parts:
        yield {"role": turn.role, "content": _content(rest)}


def _assistant(parts: Sequence[Part]) -> Message:
    calls = [_call(part) for part in parts if isinstance(part, ToolCall)]
    said = [part for part in parts if isinstance(part, Text | Refused)]
    message: Message = {"role": "assistant", "content": _content(said) if said else None if calls else ""}
    return message | ({"tool_calls": calls} if calls else {})


def _call(call: ToolCall) -> Message:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments or "{}"}}


def _result(result: ToolResult) -> str:
    for part in result.parts:
        if not isinstance(part, Text):
            raise CantSay(Option.MESSAGES, f"A result of a tool with {type(part).__name__.lower()}s")
    text = "".join(part.text for part in result.parts if isinstance(part, Text))
    return ERROR + text if result.is_error and not text.startswith(ERROR) else text


def _content(parts: Sequence[Part]) -> object:
    """One text as a text, several as parts, so that their bounds are kept."""
    if not parts:
        return ""
    first = parts[0]
    return first.text if len(parts) == 1 and isinstance(first, Text) else [_part(part) for part in parts]


def _part(part: Part) -> Message:
    match part:
        case Text():
            return {"type": "text", "text": part.text}
        case Refused():
            return {"type": "refusal", "refusal": part.text}
        case Image():
            detail = {"detail": part.detail} if part.detail else {}
            return {"type": "image_url", "image_url": {"url": part.url} | detail}
        case Audio():
            return {"type": "input_audio", "input_audio": {"data": part.data, "format": part.format}}
        case File() if part.url.startswith("data:"):
            name = {"filename": part.name} if part.name else {}
            return {"type": "file", "file": {"file_data": part.url} | name}
    raise CantSay(Option.MESSAGES, "A file that is given by its address")
