"""What Responses call the options, and those that they write in a way of their own."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from gateway.dialects.conversation import AnyJson, Choice, Conversation, JsonSchema, Named, Tool
from gateway.dialects.openai_fields import JsonObject, PlainText, schema_of
from gateway.dialects.options import Names, Option

NAMES: Names = {
    Option.MESSAGES: ("input",),
    Option.SYSTEM: ("instructions",),
    Option.TOOLS: ("tools",),
    Option.TOOL_CHOICE: ("tool_choice",),
    Option.PARALLEL_CALLS: ("parallel_tool_calls",),
    Option.MOST_OUTPUT: ("max_output_tokens",),
    Option.EFFORT: ("reasoning",),
    Option.FORMAT: ("text",),
    Option.VERBOSITY: ("text",),
    Option.TEMPERATURE: ("temperature",),
    Option.TOP_P: ("top_p",),
    Option.CUSTOMER: ("safety_identifier", "user"),
    Option.SERVICE_TIER: ("service_tier",),
    Option.METADATA: ("metadata",),
    Option.CACHE_KEY: ("prompt_cache_key",),
    Option.CACHE_RETENTION: ("prompt_cache_retention",),
    Option.CACHE_OPTIONS: ("prompt_cache_options",),
}


class Function(msgspec.Struct):
    """A function that the caller runs. Tools that OpenAI's servers run have another `type`, and are refused."""

    type: Literal["function"]
    name: str
    parameters: msgspec.Raw = msgspec.Raw(b"null")
    description: str | None = None
    strict: bool | None = None


class NamedFunction(msgspec.Struct):
    type: Literal["function"]
    name: str


class Schema(msgspec.Struct, tag_field="type", tag="json_schema"):
    name: str
    schema: msgspec.Raw
    description: str | None = None
    strict: bool | None = None


class TextConfig(msgspec.Struct):
    format: PlainText | JsonObject | Schema | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class Reasoning(msgspec.Struct):
    effort: str | None = None


ToolChoice = Literal["auto", "none", "required"] | NamedFunction


def tools_in(tools: Sequence[Function] | None) -> tuple[Tool, ...]:
    return tuple(_tool(tool) for tool in tools or ())


def choice_in(choice: ToolChoice | None) -> Choice | Named | None:
    if isinstance(choice, NamedFunction):
        return Named(choice.name)
    return Choice(choice) if choice else None


def format_in(text: TextConfig | None) -> JsonSchema | AnyJson | None:
    format_ = text and text.format
    if isinstance(format_, Schema):
        return JsonSchema(format_.name, msgspec.Raw(bytes(format_.schema)), format_.description, format_.strict)
    return AnyJson() if isinstance(format_, JsonObject) else None


def said(asked: Conversation) -> dict[str, object]:
    """The options that are written in ways of their own; None where nothing was asked."""
    return {
        "tools": [_function(tool) for tool in asked.tools] or None,
        "tool_choice": _choice(asked.choice) if asked.tools or isinstance(asked.choice, Named) else None,
        "parallel_tool_calls": asked.are_calls_parallel if asked.tools else None,
        "reasoning": {"effort": asked.effort, "summary": "auto"} if asked.effort else None,
        "text": _text(asked),
        "safety_identifier": asked.customer,
    }


def _tool(tool: Function) -> Tool:
    return Tool(tool.name, schema_of(tool.parameters), tool.description, tool.strict)


def _function(tool: Tool) -> dict[str, object]:
    """Strict is the usual here, and nowhere else: where nobody asked for it, it is declined."""
    told: dict[str, object] = {"description": tool.description} if tool.description else {}
    called = {"type": "function", "name": tool.name, "parameters": tool.schema, "strict": bool(tool.strict)}
    return called | told


def _choice(choice: Choice | Named | None) -> object:
    return {"type": "function", "name": choice.name} if isinstance(choice, Named) else choice


def _text(asked: Conversation) -> dict[str, object] | None:
    """The format and the verbosity share a field."""
    told: dict[str, object] = {}
    if isinstance(asked.format, AnyJson):
        told["format"] = {"type": "json_object"}
    elif asked.format:
        told["format"] = {"type": "json_schema"} | msgspec.to_builtins(asked.format, builtin_types=(msgspec.Raw,))
    if Option.VERBOSITY in asked.options:
        told["verbosity"] = asked.options[Option.VERBOSITY]
    return told or None
