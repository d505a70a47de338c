"""Tool calls: a tool is called where the last message names it, with arguments made from its JSON schema."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from sandbox.model.errors import Refused
from sandbox.model.prose import topic_of
from sandbox.model.tokenizer import pieces

NUMBER = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True)
class Call:
    """`pieces` are the arguments as they are streamed; the name counts as tokens, too."""

    id: str
    name: str
    pieces: list[str]

    @property
    def tokens(self) -> int:
        return len(pieces(self.name)) + len(self.pieces)

    def as_message(self) -> dict[str, Any]:
        function = {"name": self.name, "arguments": "".join(self.pieces)}
        return {"id": self.id, "type": "function", "function": function}


def calls_for(body: dict[str, Any], prompt: str, *, seed: str) -> list[Call]:
    """None where the last message is not the user's, names no tool, or where tool_choice forbids it."""
    functions = _functions(body)
    if not functions or body.get("tool_choice") == "none" or body["messages"][-1].get("role") != "user":
        return []
    named = [name for name in functions if re.search(rf"\b{re.escape(name)}\b", prompt)]
    chosen = _demanded(body.get("tool_choice"), functions) or named
    if body.get("parallel_tool_calls") is False:
        chosen = chosen[:1]
    return [_call(name, functions[name], prompt, seed=f"{seed}{place}") for place, name in enumerate(chosen)]


def _functions(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    try:
        return {tool["function"]["name"]: tool["function"].get("parameters") or {} for tool in body.get("tools") or []}
    except (TypeError, KeyError):
        raise Refused("Each of tools must be a function with a name.", param="tools") from None


def _demanded(choice: Any, functions: dict[str, dict[str, Any]]) -> list[str]:
    if isinstance(choice, dict):
        name = choice.get("function", {}).get("name")
        if name not in functions:
            raise Refused(f"tool_choice names {name!r}, which is not among tools.", param="tool_choice")
        return [name]
    return list(functions)[:1] if choice == "required" else []


def _call(name: str, schema: dict[str, Any], prompt: str, *, seed: str) -> Call:
    id_ = "call_" + hashlib.sha256(f"{seed}{name}".encode()).hexdigest()[:24]
    return Call(id_, name, pieces(json.dumps(_value_of(schema | {"type": "object"}, prompt))))


def _value_of(schema: dict[str, Any], prompt: str) -> Any:
    """The plainest value that the schema allows: its first choice, the prompt's number, or the prompt's topic."""
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {name: _value_of(inner, prompt) for name, inner in (schema.get("properties") or {}).items()}
    if kind in {"integer", "number"}:
        found = NUMBER.search(prompt)
        return int(found.group()) if found else 1
    return {"array": [], "boolean": True, "null": None}.get(str(kind), topic_of(prompt))
