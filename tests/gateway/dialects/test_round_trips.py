"""What is said in a dialect and read again is what was said."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.conversation import (
    Choice,
    Conversation,
    Image,
    JsonSchema,
    Named,
    Part,
    Role,
    Text,
    Thought,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
    joined,
)
from gateway.dialects.options import Option
from gateway.dialects.registry import DIALECTS
from gateway.dialects.spoken import Asked
from tests.gateway.dialects.matrix import NAMES

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
IDS = st.from_regex(r"[a-zA-Z0-9_-]{1,12}", fullmatch=True)
JSON = st.dictionaries(WORDS, st.integers(-9, 9) | WORDS | st.none(), max_size=3).map(
    lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False)
)
PICTURES = st.sampled_from(["https://pictures.example/a.png", "data:image/png;base64,iVBORw0KGgo="]).map(Image)
SCHEMAS = st.just(msgspec.Raw(b'{"type":"object","properties":{"a":{"type":"string"}}}'))
TOOLS = st.lists(
    st.builds(Tool, IDS, SCHEMAS, st.none() | WORDS, st.just(True)), max_size=2, unique_by=lambda tool: tool.name
)
EFFORTS = st.sampled_from([None, "low", "medium", "high"])
FORMATS = st.none() | st.builds(JsonSchema, st.just("output"), SCHEMAS, strict=st.just(True))


def texts(role: Role) -> st.SearchStrategy[Turn]:
    return st.lists(WORDS.map(Text), min_size=1, max_size=2).map(lambda parts: Turn(role, tuple(parts)))


@st.composite
def rounds(draw: st.DrawFn) -> list[Turn]:
    """A question, perhaps with a picture, an answer with calls, and their results."""
    asked: list[Part] = draw(st.lists(WORDS.map(Text) | PICTURES, min_size=1, max_size=3))
    calls = draw(st.lists(st.builds(ToolCall, IDS, IDS, JSON), max_size=2, unique_by=lambda call: call.id))
    results = [ToolResult(call.id, (Text(draw(WORDS)),)) for call in calls]
    said: list[Part] = [Text(draw(WORDS)), *calls]
    turns = [Turn(Role.USER, tuple(asked)), Turn(Role.ASSISTANT, tuple(said))]
    return [*turns, Turn(Role.USER, tuple(results))] if results else turns


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    first = draw(st.lists(texts(Role.SYSTEM), max_size=1))
    middle = draw(st.lists(rounds(), max_size=2))
    tools = draw(TOOLS)
    choices = st.sampled_from([None, *Choice, *(Named(tool.name) for tool in tools)])
    return Conversation(
        turns=(*first, *(turn for turns in middle for turn in turns), draw(texts(Role.USER))),
        tools=tuple(tools),
        choice=draw(choices) if tools else None,
        are_calls_parallel=draw(st.sampled_from([None, False])) if tools else None,
        effort=draw(EFFORTS),
        format=draw(FORMATS),
        customer=draw(st.none() | IDS),
    )


def heard(said: Conversation, name: str) -> Conversation:
    """The conversation, as a server of the dialect would understand its body."""
    dialect = DIALECTS[name]
    asked = Asked("m", {}, b"")
    told: dict[str, Any] = {field: value for field, value in dialect.body(said, asked, 9).items() if value is not None}
    return dialect.conversation(dialect.read(msgspec.json.encode(told | {"model": "m"}), "2023-06-01", False))


def turns_of(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Dialects differ in where a turn ends, and in whether adjacent texts are one."""
    return tuple(replace(turn, parts=tuple(_merged(turn.parts))) for turn in joined(turns, *Role))


def _merged(parts: Sequence[Part]) -> list[Part]:
    found: list[Part] = []
    for part in sorted(parts, key=lambda part: not isinstance(part, ToolResult)):
        if found and isinstance(part, Text) and isinstance(found[-1], Text):
            found[-1] = Text(found[-1].text + part.text)
        else:
            found.append(replace(part, detail=None) if isinstance(part, Image) else part)
    return found


@pytest.mark.parametrize("name", NAMES)
@given(said=conversations())
def test_turns_tools_and_options_come_back(name: str, said: Conversation) -> None:
    again = heard(said, name)

    assert turns_of(again.turns) == turns_of(said.turns)
    assert [_plain(tool) for tool in again.tools] == [_plain(tool) for tool in said.tools]
    assert _is_parallel(again) == _is_parallel(said)
    assert (again.choice or Choice.AUTO) == (said.choice or Choice.AUTO)
    assert (again.effort, again.customer) == (said.effort, said.customer)
    assert (again.format and _schema(again.format)) == (said.format and _schema(said.format))


@given(said=conversations(), path=st.permutations(NAMES))
def test_a_way_through_all_dialects_loses_nothing(said: Conversation, path: list[str]) -> None:
    again = said
    for name in path:
        again = heard(again, name)

    assert turns_of(again.turns) == turns_of(said.turns)
    assert [_plain(tool) for tool in again.tools] == [_plain(tool) for tool in said.tools]


@pytest.mark.parametrize("name", ["openai_responses", "anthropic_messages"])
@given(text=WORDS, seal=st.text("abcdef:/+=", min_size=1), maker=st.sampled_from(NAMES))
def test_a_thought_goes_back_to_its_maker_alone(name: str, text: str, seal: str, maker: str) -> None:
    thought = Thought(text, seal, maker, "rs_1")
    turns = (Turn(Role.USER, (Text("a"),)), Turn(Role.ASSISTANT, (thought, Text("b"))), Turn(Role.USER, (Text("c"),)))

    (_, said, _) = heard(Conversation(turns), name).turns

    thoughts = [part for part in said.parts if isinstance(part, Thought)]
    assert [(part.text, part.seal) for part in thoughts] == ([(text, seal)] if maker == name else [])


@given(stop=st.lists(WORDS, min_size=1, max_size=3), temperature=st.floats(0, 1))
def test_stops_and_sampling_come_back(stop: list[str], temperature: float) -> None:
    value = msgspec.Raw(msgspec.json.encode(temperature))
    turns = (Turn(Role.USER, (Text("a"),)),)
    said = Conversation(turns, stop=tuple(stop), options={Option.TEMPERATURE: value})

    for name in ("openai_chat", "anthropic_messages"):
        assert heard(said, name).stop == tuple(stop)


def _plain(tool: Tool) -> tuple[object, ...]:
    return tool.name, json.loads(bytes(tool.schema or b"null")), tool.description, bool(tool.strict)


def _schema(format_: object) -> object:
    assert isinstance(format_, JsonSchema)
    return json.loads(bytes(format_.schema))


def _is_parallel(said: Conversation) -> bool:
    """Where no tool may be called, it doesn't matter."""
    return said.are_calls_parallel is not False or said.choice == Choice.NONE
