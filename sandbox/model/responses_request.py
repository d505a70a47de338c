"""A request in OpenAI's Responses format, said as a chat completion: one generation serves every dialect."""

from typing import Any

from sandbox.model import fields
from sandbox.model.errors import Refused

KINDS = {"input_text": "text", "output_text": "text", "text": "text", "input_image": "image_url"}


def chat_of(body: dict[str, Any]) -> dict[str, Any]:
    if body.get("previous_response_id"):
        raise Refused("Responses are not stored here.", param="previous_response_id")
    instructions = body.get("instructions")
    said = {
        "model": body["model"],
        "messages": [*([{"role": "system", "content": instructions}] if instructions else []), *_messages(body)],
        "max_completion_tokens": fields.whole(body, "max_output_tokens"),
        "tools": [_tool(tool) for tool in body.get("tools") or []] or None,
        "tool_choice": _choice(body.get("tool_choice")),
        "parallel_tool_calls": body.get("parallel_tool_calls"),
        "reasoning_effort": (body.get("reasoning") or {}).get("effort"),
    }
    return {name: value for name, value in said.items() if value is not None}


def _messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    asked = body.get("input")
    if isinstance(asked, str):
        return [{"role": "user", "content": asked}]
    if not isinstance(asked, list) or not asked or not all(isinstance(item, dict) for item in asked):
        raise Refused("input must be a text or a list of items.", param="input")
    return [message for item in asked if (message := _message(item)) is not None]


def _message(item: dict[str, Any]) -> dict[str, Any] | None:
    kind = item.get("type", "message")
    if kind == "reasoning":
        return None
    if kind == "function_call":
        function = {"name": item.get("name"), "arguments": item.get("arguments")}
        call = {"id": item.get("call_id"), "type": "function", "function": function}
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    if kind == "function_call_output":
        return {"role": "tool", "tool_call_id": item.get("call_id"), "content": _parts(item.get("output"))}
    return {"role": item.get("role"), "content": _parts(item.get("content"))}


def _parts(content: Any) -> Any:
    if not isinstance(content, list):
        return content
    return [
        {"type": KINDS[part["type"]], "text": part.get("text", "")}
        for part in content
        if isinstance(part, dict) and part.get("type") in KINDS
    ]


def _tool(tool: Any) -> dict[str, Any]:
    if not isinstance(tool, dict) or tool.get("type") != "function" or not tool.get("name"):
        raise Refused("Each of tools must be a function with a name.", param="tools")
    return {"type": "function", "function": {name: value for name, value in tool.items() if name != "type"}}


def _choice(choice: Any) -> Any:
    if isinstance(choice, dict):
        return {"type": "function", "function": {"name": choice.get("name")}}
    return choice
