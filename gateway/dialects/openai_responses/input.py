"""The turns of a conversation as the items of a response's `input`."""

from collections.abc import Iterator, Sequence

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
)
from gateway.dialects.openai_responses import options
from gateway.dialects.options import Option
from gateway.dialects.saying import CantSay
from gateway.dialects.spoken import Asked

Item = dict[str, object]
NAME = "openai_responses"
ERROR = "Error: "


def body(said: Conversation, asked: Asked, bound: int) -> dict[str, object]:
    """Raises `CantSay`."""
    if said.stop:
        raise CantSay(Option.STOP)
    items = [item for turn in said.turns for item in _items(turn)]
    return {
        "input": [item | {"id": f"msg_{place}"} if _is_said(item) else item for place, item in enumerate(items)],
        "max_output_tokens": bound,
        "store": False,
        "stream": True if asked.is_stream else None,
        "include": ["reasoning.encrypted_content"] if _thinks(said) else None,
        **options.said(said),
    }


def _thinks(said: Conversation) -> bool:
    return said.effort not in (None, "none")


def _is_said(item: Item) -> bool:
    """A message of the assistant must have an id and a status."""
    return item.get("role") == Role.ASSISTANT


def _items(turn: Turn) -> Iterator[Item]:
    """A message for all parts that stand together, and an item for each other."""
    said: list[Part] = []
    for part in turn.parts:
        if isinstance(part, ToolCall | ToolResult | Thought):
            yield from _message(turn.role, said)
            said = []
            yield from _own_item(part)
        else:
            said.append(part)
    yield from _message(turn.role, said)


def _message(role: Role, parts: Sequence[Part]) -> Iterator[Item]:
    if not parts:
        return
    content = [_said(part) if role == Role.ASSISTANT else _part(part) for part in parts]
    message: Item = {"type": "message", "role": role, "content": content}
    yield message | {"status": "completed"} if role == Role.ASSISTANT else message


def _own_item(part: ToolCall | ToolResult | Thought) -> Iterator[Item]:
    match part:
        case ToolCall():
            call: Item = {"call_id": part.id, "name": part.name, "arguments": part.arguments or "{}"}
            yield {"type": "function_call"} | call
        case ToolResult():
            yield {"type": "function_call_output", "call_id": part.call_id, "output": _output(part)}
        case Thought() if part.made_by == NAME and part.seal:
            summary = [{"type": "summary_text", "text": part.text}] if part.text else []
            yield {"type": "reasoning", "id": part.id, "summary": summary, "encrypted_content": part.seal}


def _output(result: ToolResult) -> object:
    """There is no field for a failure, so that the model must read of it."""
    parts = list(result.parts)
    if result.is_error:
        parts = _marked(parts)
    if all(isinstance(part, Text) for part in parts):
        return "".join(part.text for part in parts if isinstance(part, Text))
    return [_part(part) for part in parts]


def _marked(parts: list[Text | Image | File]) -> list[Text | Image | File]:
    first, rest = (parts[0].text, parts[1:]) if parts and isinstance(parts[0], Text) else ("", parts)
    return [Text(first if first.startswith(ERROR) else ERROR + first), *rest]


def _said(part: Part) -> Item:
    if isinstance(part, Refused):
        return {"type": "refusal", "refusal": part.text}
    if isinstance(part, Text):
        return {"type": "output_text", "text": part.text, "annotations": []}
    raise CantSay(Option.MESSAGES, f"An assistant's {type(part).__name__.lower()}")


def _part(part: Part) -> Item:
    match part:
        case Text():
            return {"type": "input_text", "text": part.text}
        case Image():
            return {"type": "input_image", "image_url": part.url, "detail": part.detail or "auto"}
        case File() if part.url.startswith("data:"):
            return {"type": "input_file", "file_data": part.url, "filename": part.name or "file"}
        case File():
            return {"type": "input_file", "file_url": part.url}
    raise CantSay(Option.MESSAGES, f"A part of the kind {type(part).__name__.lower()}")
