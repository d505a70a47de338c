"""What Messages call the options, and those that they write in a way of their own."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from gateway.dialects.conversation import AnyJson, Choice, Conversation, JsonSchema, Named
from gateway.dialects.conversation import Tool as Function
from gateway.dialects.fields import FieldRefused
from gateway.dialects.options import Names, Option
from gateway.dialects.saying import CantSay

NAMES: Names = {
    Option.MESSAGES: ("messages",),
    Option.SYSTEM: ("system",),
    Option.TOOLS: ("tools",),
    Option.TOOL_CHOICE: ("tool_choice",),
    Option.PARALLEL_CALLS: ("tool_choice",),
    Option.MOST_OUTPUT: ("max_tokens",),
    Option.EFFORT: ("thinking", "output_config"),
    Option.FORMAT: ("output_config",),
    Option.STOP: ("stop_sequences",),
    Option.TEMPERATURE: ("temperature",),
    Option.TOP_P: ("top_p",),
    Option.CUSTOMER: ("metadata",),
}
COPIED = {"temperature": Option.TEMPERATURE, "top_p": Option.TOP_P}
# Hints, and what only OpenAI's servers keep.
DROPPED = frozenset(
    {
        Option.SEED,
        Option.VERBOSITY,
        Option.SERVICE_TIER,
        Option.METADATA,
        Option.CACHE_KEY,
        Option.CACHE_RETENTION,
        Option.CACHE_OPTIONS,
    }
)
ANY_SCHEMA = msgspec.Raw(b'{"type":"object"}')
CHOICES = {"auto": Choice.AUTO, "any": Choice.REQUIRED, "none": Choice.NONE}
KINDS = {choice: kind for kind, choice in CHOICES.items()}


class Tool(msgspec.Struct):
    """A tool that the caller runs. Those of another `type` are known to Anthropic's servers alone."""

    name: str
    input_schema: dict[str, msgspec.Raw]
    type: Literal["custom"] | None = None
    description: str | None = None
    strict: bool | None = None
    defer_loading: bool | None = None
    allowed_callers: list[str] | None = None
    input_examples: list[msgspec.Raw] | None = None


class ToolChoice(msgspec.Struct):
    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class Enabled(msgspec.Struct, tag_field="type", tag="enabled"):
    budget_tokens: int


class Adaptive(msgspec.Struct, tag_field="type", tag="adaptive"):
    """The model decides."""


class Disabled(msgspec.Struct, tag_field="type", tag="disabled"):
    pass


class JsonFormat(msgspec.Struct, tag_field="type", tag="json_schema"):
    schema: dict[str, msgspec.Raw]


class OutputConfig(msgspec.Struct):
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: JsonFormat | None = None


ThinkingConfig = Enabled | Adaptive | Disabled
# The effort that a budget of fewer tokens stands for.
EFFORTS = ((4_096, "low"), (16_384, "medium"))
MOST = "high"
LEAST = {"minimal": "low"}


def tools_in(tools: Sequence[Tool] | None) -> tuple[Function, ...]:
    """Raises `FieldRefused`."""
    return tuple(_function(tool) for tool in tools or ())


def choice_in(choice: ToolChoice | None) -> Choice | Named | None:
    """Raises `FieldRefused`."""
    if choice is None or choice.type != "tool":
        return CHOICES[choice.type] if choice else None
    if not choice.name:
        raise FieldRefused("tool_choice of type tool must name a tool.", param="tool_choice")
    return Named(choice.name)


def effort_in(thinking: ThinkingConfig | None, output: OutputConfig | None) -> str | None:
    if isinstance(thinking, Disabled):
        return "none"
    if output is not None and output.effort is not None:
        return output.effort
    if isinstance(thinking, Enabled):
        return next((effort for below, effort in EFFORTS if thinking.budget_tokens < below), MOST)
    return None


def format_in(output: OutputConfig | None) -> JsonSchema | None:
    if output is None or output.format is None:
        return None
    return JsonSchema("output", msgspec.Raw(msgspec.json.encode(output.format.schema)), strict=True)


def said(asked: Conversation) -> dict[str, object]:
    """The options that are written in ways of their own; None where nothing was asked. Raises `CantSay`."""
    thinking: dict[str, object] | None = None
    if asked.effort is not None:
        thinking = {"type": "disabled"} if asked.effort == "none" else {"type": "adaptive", "display": "summarized"}
    return {
        "tools": [_tool(tool) for tool in asked.tools] or None,
        "tool_choice": _choice(asked) if asked.tools or isinstance(asked.choice, Named) else None,
        "thinking": thinking,
        "output_config": _output(asked),
        "stop_sequences": list(asked.stop) or None,
        "metadata": {"user_id": asked.customer} if asked.customer else None,
    }


def _function(tool: Tool) -> Function:
    is_direct = tool.allowed_callers is None or tool.allowed_callers == ["direct"]
    for name, is_usual in (
        ("defer_loading", not tool.defer_loading),
        ("allowed_callers", is_direct),
        ("input_examples", not tool.input_examples),
    ):
        if not is_usual:
            reason = f"{name} of the tool '{tool.name}' can't be served by this model."
            raise FieldRefused(reason, param="tools")
    schema = msgspec.Raw(msgspec.json.encode(tool.input_schema))
    return Function(tool.name, schema, tool.description, tool.strict)


def _tool(tool: Function) -> dict[str, object]:
    schema = ANY_SCHEMA if tool.schema is None or bytes(tool.schema) == b"{}" else tool.schema
    told: dict[str, object] = {"name": tool.name, "input_schema": schema}
    if tool.description is not None:
        told["description"] = tool.description
    return told | ({"strict": True} if tool.strict else {})


def _choice(asked: Conversation) -> dict[str, object] | None:
    """Whether calls may be parallel is part of the choice here."""
    choice = asked.choice
    if choice is None and asked.are_calls_parallel is not False:
        return None
    told: dict[str, object] = {"type": KINDS[choice or Choice.AUTO]} if not isinstance(choice, Named) else {}
    if isinstance(choice, Named):
        told = {"type": "tool", "name": choice.name}
    is_one = asked.are_calls_parallel is False and choice != Choice.NONE
    return told | ({"disable_parallel_tool_use": True} if is_one else {})


def _output(asked: Conversation) -> dict[str, object] | None:
    if isinstance(asked.format, AnyJson):
        raise CantSay(Option.FORMAT, "JSON without a schema")
    told: dict[str, object] = {}
    if asked.effort not in (None, "none"):
        told["effort"] = LEAST.get(asked.effort or "", asked.effort)
    if asked.format is not None:
        told["format"] = {"type": "json_schema", "schema": asked.format.schema}
    return told or None
