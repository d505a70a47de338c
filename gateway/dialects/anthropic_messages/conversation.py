"""From Anthropic's system prompt and messages to the messages of a chat completion."""

from collections.abc import Iterator, Sequence

import msgspec

from gateway.dialects.anthropic_messages.blocks import Base64Source, Block, Image, Message, Text, ToolResult, ToolUse
from gateway.dialects.fields import FieldRefused

ChatMessage = dict[str, object]
ERROR = "Error: "


def chat_messages(system: str | list[Text] | None, messages: Sequence[Message]) -> list[ChatMessage]:
    """Raises `FieldRefused`. What was thought in earlier turns is left out: chat completions have no place for it."""
    if messages[-1].role == "assistant":
        raise FieldRefused(
            "messages ends with an assistant turn: prefilling an answer is not supported.", param="messages"
        )
    first = [_with_text("system", system)] if system else []
    return first + [chat for message in messages for chat in _chat(message)]


def _chat(message: Message) -> Iterator[ChatMessage]:
    if isinstance(message.content, str):
        yield {"role": message.role, "content": message.content}
    elif message.role == "assistant":
        yield _assistant(message.content)
    else:
        yield from _results(message.content)
        yield from _rest(message.role, message.content)


def _assistant(blocks: Sequence[Block]) -> ChatMessage:
    texts = [block for block in blocks if isinstance(block, Text)]
    calls = [_call(block) for block in blocks if isinstance(block, ToolUse)]
    _refuse_others(blocks, (Image, ToolResult), role="assistant")
    said = _with_text("assistant", texts) if texts else {"role": "assistant", "content": None if calls else ""}
    return said | ({"tool_calls": calls} if calls else {})


def _call(block: ToolUse) -> ChatMessage:
    arguments = msgspec.json.encode(block.input).decode()
    return {"id": block.id, "type": "function", "function": {"name": block.name, "arguments": arguments}}


def _results(blocks: Sequence[Block]) -> Iterator[ChatMessage]:
    """They come first: chat completions want them right after the calls."""
    for block in blocks:
        if isinstance(block, ToolResult):
            content = block.content or ""
            text = content if isinstance(content, str) else "".join(part.text for part in content)
            yield {"role": "tool", "tool_call_id": block.tool_use_id, "content": _marked(text, block.is_error)}


def _marked(text: str, is_error: bool | None) -> str:  # noqa: FBT001 - as the field is
    """Chat completions have no field for a failure, so that the model must read of it."""
    return ERROR + text if is_error and not text.startswith(ERROR) else text


def _rest(role: str, blocks: Sequence[Block]) -> Iterator[ChatMessage]:
    shown = [block for block in blocks if isinstance(block, Text | Image)]
    _refuse_others(blocks, (ToolUse,) if role == "user" else (ToolUse, Image, ToolResult), role=role)
    if shown and all(isinstance(block, Text) for block in shown):
        yield _with_text(role, [block for block in shown if isinstance(block, Text)])
    elif shown:
        yield {"role": role, "content": [_part(block) for block in shown]}


def _with_text(role: str, text: str | Sequence[Text]) -> ChatMessage:
    """One text as a text, several as parts, so that their bounds are kept."""
    if isinstance(text, str):
        return {"role": role, "content": text}
    return {"role": role, "content": text[0].text if len(text) == 1 else [_part(block) for block in text]}


def _part(block: Text | Image) -> ChatMessage:
    if isinstance(block, Text):
        return {"type": "text", "text": block.text}
    source = block.source
    url = f"data:{source.media_type};base64,{source.data}" if isinstance(source, Base64Source) else source.url
    return {"type": "image_url", "image_url": {"url": url}}


def _refuse_others(blocks: Sequence[Block], kinds: tuple[type, ...], *, role: str) -> None:
    for block in blocks:
        if isinstance(block, kinds):
            kind = type(block).__struct_config__.tag
            raise FieldRefused(f"A message of the role {role} can't have a block of type {kind}.", param="messages")
