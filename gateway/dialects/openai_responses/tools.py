"""Functions and the choice among them, in the words of chat completions."""

from collections.abc import Sequence
from typing import Literal

import msgspec


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


ToolChoice = Literal["auto", "none", "required"] | NamedFunction


def chat_tools(tools: Sequence[Function] | None) -> list[dict[str, object]] | None:
    return [_chat_tool(tool) for tool in tools] if tools else None


def chat_tool_choice(choice: ToolChoice | None) -> object:
    if isinstance(choice, NamedFunction):
        return {"type": "function", "function": {"name": choice.name}}
    return choice


def _chat_tool(tool: Function) -> dict[str, object]:
    told = {"name": tool.name, "description": tool.description, "strict": tool.strict}
    function: dict[str, object] = {name: value for name, value in told.items() if value is not None}
    if bytes(tool.parameters) != b"null":
        function["parameters"] = tool.parameters
    return {"type": "function", "function": function}
