"""What chat completions call the options, and those that they write in a way of their own."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from gateway.dialects.conversation import AnyJson, Choice, Conversation, JsonSchema, Named, Tool
from gateway.dialects.openai_fields import JsonObject, PlainText, schema_of
from gateway.dialects.options import Names, Option

NAMES: Names = {
    Option.MESSAGES: ("messages",),
    Option.SYSTEM: ("messages",),
    Option.TOOLS: ("tools",),
    Option.TOOL_CHOICE: ("tool_choice",),
    Option.PARALLEL_CALLS: ("parallel_tool_calls",),
    Option.MOST_OUTPUT: ("max_tokens", "max_completion_tokens"),
    Option.EFFORT: ("reasoning_effort",),
    Option.FORMAT: ("response_format",),
    Option.STOP: ("stop",),
    Option.TEMPERATURE: ("temperature",),
    Option.TOP_P: ("top_p",),
    Option.FREQUENCY_PENALTY: ("frequency_penalty",),
    Option.PRESENCE_PENALTY: ("presence_penalty",),
    Option.SEED: ("seed",),
    Option.VERBOSITY: ("verbosity",),
    Option.CUSTOMER: ("safety_identifier", "user"),
    Option.SERVICE_TIER: ("service_tier",),
    Option.METADATA: ("metadata",),
    Option.CACHE_KEY: ("prompt_cache_key",),
    Option.CACHE_RETENTION: ("prompt_cache_retention",),
    Option.CACHE_OPTIONS: ("prompt_cache_options",),
}


class Function(msgspec.Struct):
    name: str
    description: str | None = None
    parameters: msgspec.Raw = msgspec.Raw(b"null")
    strict: bool | None = None


class FunctionTool(msgspec.Struct):
    """A function that the caller runs. Other types of tools are refused."""

    type: Literal["function"]
    function: Function


class Name(msgspec.Struct):
    name: str


class NamedFunction(msgspec.Struct):
    type: Literal["function"]
    function: Name


class Schema(msgspec.Struct, tag_field="type", tag="json_schema"):
    json_schema: JsonSchema


ToolChoice = Literal["auto", "none", "required"] | NamedFunction
ResponseFormat = PlainText | JsonObject | Schema


def tools_in(tools: Sequence[FunctionTool] | None) -> tuple[Tool, ...]:
    return tuple(_tool(tool.function) for tool in tools or ())


def choice_in(choice: ToolChoice | None) -> Choice | Named | None:
    if isinstance(choice, NamedFunction):
        return Named(choice.function.name)
    return Choice(choice) if choice else None


def format_in(format_: ResponseFormat | None) -> JsonSchema | AnyJson | None:
    if isinstance(format_, Schema):
        return format_.json_schema
    return AnyJson() if isinstance(format_, JsonObject) else None


def said(asked: Conversation) -> dict[str, object]:
    """The options that are written in ways of their own; None where nothing was asked."""
    return {
        "tools": [{"type": "function", "function": _function(tool)} for tool in asked.tools] or None,
        "tool_choice": _choice(asked.choice) if asked.tools or isinstance(asked.choice, Named) else None,
        "parallel_tool_calls": asked.are_calls_parallel if asked.tools else None,
        "reasoning_effort": asked.effort,
        "response_format": _format(asked.format),
        "stop": list(asked.stop) or None,
        "user": asked.customer,
    }


def _tool(function: Function) -> Tool:
    return Tool(function.name, schema_of(function.parameters), function.description, function.strict)


def _function(tool: Tool) -> dict[str, object]:
    told = {"name": tool.name, "description": tool.description, "parameters": tool.schema, "strict": tool.strict}
    return {name: value for name, value in told.items() if value is not None}


def _choice(choice: Choice | Named | None) -> object:
    return {"type": "function", "function": {"name": choice.name}} if isinstance(choice, Named) else choice


def _format(format_: JsonSchema | AnyJson | None) -> dict[str, object] | None:
    if isinstance(format_, AnyJson):
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": format_} if format_ else None
