"""A request in Anthropic's Messages format, said as a chat completion: one generation serves every dialect."""

import json
from typing import Any

from sandbox.model import fields
from sandbox.model.errors import Refused

EFFORTS = {"low", "medium", "high", "xhigh", "max"}
CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def chat_of(body: dict[str, Any]) -> dict[str, Any]:
    if fields.whole(body, "max_tokens") is None:
        raise Refused("max_tokens is required.", param="max_tokens")
    said = {
        "model": body["model"],
        "messages": [*_system(body.get("system")), *_messages(body)],
        "max_tokens": body["max_tokens"],
        "stop": body.get("stop_sequences") or None,
        "tools": [_tool(tool) for tool in body.get("tools") or []] or None,
        "reasoning_effort": _effort(body),
        **_choice(body.get("tool_choice")),
    }
    return {name: value for name, value in said.items() if value is not None}


def _system(value: Any) -> list[dict[str, Any]]:
    return [{"role": "system", "content": value}] if value else []


def _messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(entry, dict) for entry in messages):
        raise Refused("messages must be a list of at least one message.", param="messages")
    return [said for message in messages for said in _said(message)]


def _said(message: dict[str, Any]) -> list[dict[str, Any]]:
    """One message may hold several tools' results, each of which is a message of its own there."""
    content = message.get("content")
    if not isinstance(content, list):
        return [{"role": message.get("role"), "content": content}]
    blocks = [block for block in content if isinstance(block, dict)]
    results = [
        {"role": "tool", "tool_call_id": block.get("tool_use_id"), "content": _parts(block.get("content"))}
        for block in blocks
        if block.get("type") == "tool_result"
    ]
    calls = [_call(block) for block in blocks if block.get("type") == "tool_use"]
    parts = _parts(blocks)
    own: dict[str, Any] = {"role": message.get("role"), "content": parts} | ({"tool_calls": calls} if calls else {})
    return [*results, own] if parts or calls else results


def _parts(content: Any) -> Any:
    if not isinstance(content, list):
        return content
    kinds = {"text": "text", "image": "image_url"}
    return [
        {"type": kinds[block["type"]], "text": block.get("text", "")}
        for block in content
        if isinstance(block, dict) and block.get("type") in kinds
    ]


def _call(block: dict[str, Any]) -> dict[str, Any]:
    arguments = json.dumps(block.get("input"), separators=(",", ":"))
    return {"id": block.get("id"), "type": "function", "function": {"name": block.get("name"), "arguments": arguments}}


def _tool(tool: Any) -> dict[str, Any]:
    if not isinstance(tool, dict) or not tool.get("name"):
        raise Refused("Each of tools must have a name.", param="tools")
    told = {"name": tool["name"], "description": tool.get("description"), "parameters": tool.get("input_schema")}
    return {"type": "function", "function": {name: value for name, value in told.items() if value is not None}}


def _choice(choice: Any) -> dict[str, Any]:
    if not isinstance(choice, dict):
        return {}
    parallel = {"parallel_tool_calls": False} if choice.get("disable_parallel_tool_use") else {}
    if choice.get("type") == "tool":
        return {"tool_choice": {"type": "function", "function": {"name": choice.get("name")}}} | parallel
    return {"tool_choice": CHOICES.get(str(choice.get("type")), "auto")} | parallel


def _effort(body: dict[str, Any]) -> str | None:
    """An effort that is named counts; a budget of thought alone is a medium one."""
    effort = (body.get("output_config") or {}).get("effort")
    if effort in EFFORTS:
        return str(effort)
    return "medium" if (body.get("thinking") or {}).get("type") in {"enabled", "adaptive"} else None
