"""From `instructions` and `input` to the messages of a chat completion."""

from collections.abc import Iterator, Sequence

import msgspec

from gateway.dialects.fields import FieldRefused
from gateway.dialects.openai_responses.items import (
    TYPES,
    FunctionCall,
    FunctionCallOutput,
    InputImage,
    Item,
    Message,
    Part,
    Refusal,
    Typed,
)

ChatMessage = dict[str, object]
# Few model servers know the newer name.
ROLES = {"developer": "system"}


def chat_messages(instructions: str | None, input_: str | Sequence[msgspec.Raw]) -> list[ChatMessage]:
    """Raises `FieldRefused`. What was thought in earlier turns is left out: chat completions have no place for it."""
    first: list[ChatMessage] = [{"role": "system", "content": instructions}] if instructions else []
    if isinstance(input_, str):
        return [*first, {"role": "user", "content": input_}]
    return [*first, *_with_calls_joined(_item(place, raw) for place, raw in enumerate(input_))]


def _item(place: int, raw: msgspec.Raw) -> Item:
    try:
        kind = msgspec.json.decode(raw, type=Typed).type
        if kind not in TYPES:
            raise FieldRefused(f"input[{place}] is of the type '{kind}', which can't be served.", param="input")
        return msgspec.json.decode(raw, type=TYPES[kind])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FieldRefused(f"input[{place}]: {error}.", param="input") from None


def _with_calls_joined(items: Iterator[Item]) -> Iterator[ChatMessage]:
    """What the assistant said and its calls are items of their own here, and one message in a chat completion."""
    turn: ChatMessage | None = None
    for item in items:
        if isinstance(item, FunctionCall):
            turn = turn or {"role": "assistant", "content": None}
            turn["tool_calls"] = [*_calls_of(turn), _call(item)]
            continue
        if isinstance(item, Message | FunctionCallOutput):
            if turn is not None:
                yield turn
            chat = _message(item) if isinstance(item, Message) else _output(item)
            turn = chat if chat["role"] == "assistant" else None
            if turn is None:
                yield chat
    if turn is not None:
        yield turn


def _calls_of(turn: ChatMessage) -> list[object]:
    calls = turn.get("tool_calls")
    return calls if isinstance(calls, list) else []


def _call(item: FunctionCall) -> ChatMessage:
    return {"id": item.call_id, "type": "function", "function": {"name": item.name, "arguments": item.arguments}}


def _output(item: FunctionCallOutput) -> ChatMessage:
    text = item.output if isinstance(item.output, str) else "".join(part.text for part in item.output)
    return {"role": "tool", "tool_call_id": item.call_id, "content": text}


def _message(item: Message) -> ChatMessage:
    role = ROLES.get(item.role, item.role)
    if isinstance(item.content, str):
        return {"role": role, "content": item.content}
    if role != "user" and any(isinstance(part, InputImage) for part in item.content):
        raise FieldRefused(f"A message of the role {item.role} can't have an image.", param="input")
    parts = [_part(part) for part in item.content]
    is_one_text = len(parts) == 1 and parts[0]["type"] == "text"
    return {"role": role, "content": parts[0]["text"] if is_one_text else parts}


def _part(part: Part) -> ChatMessage:
    if isinstance(part, InputImage):
        image: ChatMessage = {"url": part.image_url}
        return {"type": "image_url", "image_url": image | ({"detail": part.detail} if part.detail else {})}
    return {"type": "text", "text": part.refusal if isinstance(part, Refusal) else part.text}
