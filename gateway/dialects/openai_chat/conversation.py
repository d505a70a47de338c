"""A chat completion's request as a conversation. What has no place there is refused by name."""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from gateway.dialects import fields
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
from gateway.dialects.fields import FieldRefused
from gateway.dialects.openai_chat.options import (
    FunctionTool,
    ResponseFormat,
    ToolChoice,
    choice_in,
    format_in,
    tools_in,
)
from gateway.dialects.openai_fields import COPIED as ALIKE
from gateway.dialects.options import Option
from gateway.dialects.saying import refuse_unless_usual
from gateway.dialects.spoken import Asked

# Anything but these values is refused: only a server of this dialect could do it.
USUAL = {
    "n": frozenset({b"1"}),
    "logprobs": frozenset({b"false"}),
    "top_logprobs": frozenset({b"0"}),
    "logit_bias": frozenset({b"{}"}),
    "modalities": frozenset({b'["text"]'}),
    "functions": frozenset({b"[]"}),
    "store": frozenset({b"false"}),
    "function_call": frozenset({b'"none"'}),
    "audio": frozenset[bytes](),
    "moderation": frozenset[bytes](),
}
COPIED = ALIKE | {
    "frequency_penalty": Option.FREQUENCY_PENALTY,
    "presence_penalty": Option.PRESENCE_PENALTY,
    "seed": Option.SEED,
    "verbosity": Option.VERBOSITY,
}


class ImageUrl(msgspec.Struct):
    url: str
    detail: str | None = None


class FileData(msgspec.Struct):
    file_data: str
    filename: str | None = None


class TextPart(msgspec.Struct, tag_field="type", tag="text"):
    text: str


class ImagePart(msgspec.Struct, tag_field="type", tag="image_url"):
    image_url: ImageUrl


class AudioData(msgspec.Struct):
    data: str
    format: str


class AudioPart(msgspec.Struct, tag_field="type", tag="input_audio"):
    input_audio: AudioData


class FilePart(msgspec.Struct, tag_field="type", tag="file"):
    file: FileData


class RefusalPart(msgspec.Struct, tag_field="type", tag="refusal"):
    refusal: str


class Called(msgspec.Struct):
    name: str
    arguments: str


class Call(msgspec.Struct):
    id: str
    function: Called
    type: Literal["function"] = "function"


class System(msgspec.Struct, tag_field="role", tag="system"):
    content: str | list[TextPart]


class Developer(System, tag_field="role", tag="developer"):
    pass


class User(msgspec.Struct, tag_field="role", tag="user"):
    content: str | list[TextPart | ImagePart | AudioPart | FilePart]


class Assistant(msgspec.Struct, tag_field="role", tag="assistant"):
    content: str | list[TextPart | RefusalPart] | None = None
    refusal: str | None = None
    tool_calls: list[Call] | None = None
    function_call: None = None
    audio: None = None


class ToolMessage(msgspec.Struct, tag_field="role", tag="tool"):
    tool_call_id: str
    content: str | list[TextPart]


Message = System | Developer | User | Assistant | ToolMessage
Content = TextPart | ImagePart | AudioPart | FilePart | RefusalPart


class Asks(msgspec.Struct):
    messages: list[Message]
    tools: list[FunctionTool] | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: str | None = None
    response_format: ResponseFormat | None = None
    stop: str | list[str] | None = None


_DECODER = msgspec.json.Decoder(Asks)


def conversation(asked: Asked) -> Conversation:
    """Raises `FieldRefused`."""
    refuse_unless_usual(asked.raw, USUAL)
    asks = fields.decode(asked.body, _DECODER)
    stop = [asks.stop] if isinstance(asks.stop, str) else asks.stop or []
    return Conversation(
        turns=tuple(_turns(asks.messages)),
        tools=tools_in(asks.tools),
        choice=choice_in(asks.tool_choice),
        are_calls_parallel=asks.parallel_tool_calls,
        effort=asks.reasoning_effort,
        format=format_in(asks.response_format),
        stop=tuple(stop),
        customer=asked.customer,
        options=fields.picked(asked.raw, COPIED),
    )


def _turns(messages: Sequence[Message]) -> Iterator[Turn]:
    for message in messages:
        if isinstance(message, ToolMessage):
            result = ToolResult(message.tool_call_id, tuple(Text(text) for text in _texts(message.content)))
            yield Turn(Role.USER, (result,))
        elif isinstance(message, Assistant):
            yield Turn(Role.ASSISTANT, tuple(_said(message)))
        elif isinstance(message, User):
            yield Turn(Role.USER, tuple(_parts(message.content)))
        else:
            yield Turn(Role.SYSTEM, tuple(_parts(message.content)))


def _texts(content: str | Sequence[TextPart]) -> list[str]:
    return [content] if isinstance(content, str) else [part.text for part in content]


def _said(message: Assistant) -> Iterator[Part]:
    if message.content:
        yield from _parts(message.content)
    if message.refusal:
        yield Refused(message.refusal)
    for call in message.tool_calls or ():
        yield ToolCall(call.id, call.function.name, call.function.arguments)


def _parts(content: str | Sequence[Content]) -> Iterator[Part]:
    if isinstance(content, str):
        yield Text(content)
        return
    for part in content:
        yield _part(part)


def _part(part: Content) -> Part:
    match part:
        case TextPart():
            return Text(part.text)
        case RefusalPart():
            return Refused(part.refusal)
        case ImagePart():
            return Image(part.image_url.url, part.image_url.detail)
        case AudioPart():
            return Audio(part.input_audio.data, part.input_audio.format)
    if not part.file.file_data.startswith("data:"):
        raise FieldRefused("The data of a file must be a data: URL.", param="messages")
    return File(part.file.file_data, part.file.filename)
