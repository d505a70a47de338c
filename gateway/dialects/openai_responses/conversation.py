"""A response's request as a conversation."""

from collections.abc import Iterator, Sequence

import msgspec

from gateway.dialects import fields, seals
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
from gateway.dialects.fields import FieldRefused
from gateway.dialects.openai_fields import COPIED
from gateway.dialects.openai_responses import items
from gateway.dialects.openai_responses.options import (
    Function,
    Reasoning,
    TextConfig,
    ToolChoice,
    choice_in,
    format_in,
    tools_in,
)
from gateway.dialects.options import Option
from gateway.dialects.saying import refuse_unless_usual
from gateway.dialects.spoken import Asked

# Anything but these values is refused: only a server of this dialect could do it.
USUAL = {
    "truncation": frozenset({b'"disabled"'}),
    "top_logprobs": frozenset({b"0"}),
    "include": frozenset({b"[]", b'["reasoning.encrypted_content"]'}),
    "context_management": frozenset({b"[]"}),
    "moderation": frozenset[bytes](),
    "max_tool_calls": frozenset[bytes](),
}
ROLES = {"developer": "system"}


class Asks(msgspec.Struct):
    input: str | list[msgspec.Raw]
    instructions: str | None = None
    tools: list[Function] | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    reasoning: Reasoning | None = None
    text: TextConfig | None = None
    temperature: float | None = None
    top_p: float | None = None


_DECODER = msgspec.json.Decoder(Asks)


def conversation(asked: Asked) -> Conversation:
    """Raises `FieldRefused`."""
    refuse_unless_usual(asked.raw, USUAL)
    asks = fields.decode(asked.body, _DECODER)
    first = (Turn(Role.SYSTEM, (Text(asks.instructions),)),) if asks.instructions else ()
    return Conversation(
        turns=first + _turns(asks.input),
        tools=tools_in(asks.tools),
        choice=choice_in(asks.tool_choice),
        are_calls_parallel=asks.parallel_tool_calls,
        effort=asks.reasoning.effort if asks.reasoning else None,
        format=format_in(asks.text),
        customer=asked.customer,
        options=fields.picked(asked.raw, COPIED) | _verbosity(asks.text),
    )


def _verbosity(text: TextConfig | None) -> dict[Option, msgspec.Raw]:
    return {Option.VERBOSITY: fields.raw(text.verbosity)} if text is not None and text.verbosity else {}


def _turns(input_: str | Sequence[msgspec.Raw] | None) -> tuple[Turn, ...]:
    """What the assistant said and its calls are items of their own here, and one turn elsewhere."""
    if isinstance(input_, str):
        return (Turn(Role.USER, (Text(input_),)),)
    return joined([_turn(_item(place, raw)) for place, raw in enumerate(input_ or ())], Role.ASSISTANT)


def _item(place: int, raw: msgspec.Raw) -> items.Item:
    try:
        kind = msgspec.json.decode(raw, type=items.Typed).type
        if kind not in items.TYPES:
            raise FieldRefused(f"input[{place}] is of the type '{kind}', which can't be served.", param="input")
        return msgspec.json.decode(raw, type=items.TYPES[kind])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FieldRefused(f"input[{place}]: {error}.", param="input") from None


def _turn(item: items.Item) -> Turn:
    match item:
        case items.FunctionCall():
            return Turn(Role.ASSISTANT, (ToolCall(item.call_id, item.name, item.arguments),))
        case items.FunctionCallOutput():
            return Turn(Role.USER, (ToolResult(item.call_id, tuple(_result(item.output))),))
        case items.Reasoning():
            return Turn(Role.ASSISTANT, (_thought(item),))
    role = Role(ROLES.get(item.role, item.role))
    if isinstance(item.content, str):
        return Turn(role, (Text(item.content),))
    return Turn(role, tuple(_part(part, role) for part in item.content))


def _thought(item: items.Reasoning) -> Thought:
    text = "\n\n".join(part.text for part in item.summary or item.content or ())
    seal = seals.opened(item.encrypted_content or "", native="openai_responses")
    return Thought(text, seal.text, seal.made_by, seal.id or item.id)


def _result(
    output: str | Sequence[items.InputText | items.InputImage | items.InputFile],
) -> Iterator[Text | Image | File]:
    if isinstance(output, str):
        yield Text(output)
        return
    for part in output:
        found = _part(part, Role.USER)
        assert isinstance(found, Text | Image | File)
        yield found


def _part(part: items.Part, role: Role) -> Part:
    if role != Role.USER and isinstance(part, items.InputImage | items.InputFile):
        raise FieldRefused(f"A message of the role {role} can't have an image or a file.", param="input")
    match part:
        case items.InputImage():
            return Image(part.image_url, part.detail)
        case items.InputFile():
            return _file(part)
        case items.Refusal():
            return Refused(part.refusal)
    return Text(part.text)


def _file(part: items.InputFile) -> File:
    url = part.file_url or part.file_data or ""
    if not part.file_url and not url.startswith("data:"):
        raise FieldRefused("A file must have a file_url, or file_data that is a data: URL.", param="input")
    return File(url, part.filename)
