"""The vocabulary between dialects: what is asked, as turns of parts, tools, and options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import msgspec

from gateway.dialects.options import Option


class Role(StrEnum):
    """Results of tools are parts of the user's turns."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A text in which the model said that it won't."""

    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """`url` is an address, or the picture itself: `data:<media type>;base64,<data>`."""

    url: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A document by its address, or itself as a `data:` URL."""

    url: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Audio:
    """`data` is base64; `format` wav or mp3."""

    data: str
    format: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """`arguments` is JSON, as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    call_id: str
    parts: tuple["Text | Image | File", ...]
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Thought:
    """What was thought in an earlier turn. `seal` is what only servers of the dialect `made_by` can read."""

    text: str
    seal: str = ""
    made_by: str = ""
    id: str = ""


Part = Text | Refused | Image | File | Audio | ToolCall | ToolResult | Thought


@dataclass(frozen=True, slots=True)
class Turn:
    role: Role
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the caller runs. `schema` is the JSON schema of its arguments, as it was written."""

    name: str
    schema: msgspec.Raw | None = None
    description: str | None = None
    strict: bool | None = None


class Choice(StrEnum):
    AUTO = "auto"
    NONE = "none"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Named:
    """This tool, and no other."""

    name: str


class JsonSchema(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer is JSON of this schema."""

    name: str
    schema: msgspec.Raw
    description: str | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class AnyJson:
    """The answer is a JSON object, of no schema."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """`options` holds, as JSON, what all dialects write alike; what they write in ways of their own has a field."""

    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...] = ()
    choice: Choice | Named | None = None
    are_calls_parallel: bool | None = None
    effort: str | None = None
    format: JsonSchema | AnyJson | None = None
    stop: tuple[str, ...] = ()
    customer: str | None = None
    options: Mapping[Option, msgspec.Raw] = field(default_factory=dict)


def joined(turns: Sequence[Turn], *roles: Role) -> tuple[Turn, ...]:
    """The same with turns that follow one another made one, if their role is among `roles`."""
    found: list[Turn] = []
    for turn in turns:
        if found and turn.role in roles and found[-1].role == turn.role:
            found[-1] = replace(turn, parts=found[-1].parts + turn.parts)
        else:
            found.append(turn)
    return tuple(found)
