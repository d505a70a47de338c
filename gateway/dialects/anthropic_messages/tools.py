"""Tools and the choice among them, in the words of chat completions."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from gateway.dialects.fields import FieldRefused


class Tool(msgspec.Struct):
    """A tool that the caller runs. Those that Anthropic's servers run have another `type`, and are refused."""

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


CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def chat_tools(tools: Sequence[Tool] | None) -> list[dict[str, object]] | None:
    """Raises `FieldRefused`."""
    return [_chat_tool(tool) for tool in tools] if tools else None


def chat_tool_choice(choice: ToolChoice | None) -> dict[str, object]:
    """The fields that say it. Raises `FieldRefused`."""
    if choice is None:
        return {}
    if choice.type == "tool" and not choice.name:
        raise FieldRefused("tool_choice of type tool must name a tool.", param="tool_choice")
    named = {"type": "function", "function": {"name": choice.name}}
    chat: dict[str, object] = {"tool_choice": named if choice.type == "tool" else CHOICES[choice.type]}
    if choice.disable_parallel_tool_use:
        chat["parallel_tool_calls"] = False
    return chat


def _chat_tool(tool: Tool) -> dict[str, object]:
    is_direct = tool.allowed_callers is None or tool.allowed_callers == ["direct"]
    for name, is_usual in (
        ("defer_loading", not tool.defer_loading),
        ("allowed_callers", is_direct),
        ("input_examples", not tool.input_examples),
    ):
        if not is_usual:
            raise FieldRefused(f"{name} of the tool '{tool.name}' can't be served by this model.", param="tools")
    function: dict[str, object] = {"name": tool.name, "parameters": tool.input_schema}
    for name in ("description", "strict"):
        if getattr(tool, name) is not None:
            function[name] = getattr(tool, name)
    return {"type": "function", "function": function}
