"""Reads of the request's fields: each names what is wrong."""

import json
from typing import Any

from starlette.requests import Request

from sandbox.model.errors import Refused


async def body_of(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        raise Refused("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Refused("The body must be a JSON object.")
    if not isinstance(body.get("model"), str):
        raise Refused("Name a model.", param="model")
    return body


def whole(body: dict[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Refused(f"{name} must be a whole number of at least 1.", param=name)
    return value


def stops(body: dict[str, Any]) -> list[str]:
    value = body.get("stop")
    if value is None:
        return []
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(stop, str) and stop for stop in found):
        raise Refused("stop must be a text or a list of texts.", param="stop")
    return found


def message_texts(body: dict[str, Any]) -> list[str]:
    """The text of each message, with the tools that it calls; other parts count nothing here."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(entry, dict) for entry in messages):
        raise Refused("messages must be a list of at least one message.", param="messages")
    return [_text_of(message.get("content")) + _calls_of(message) for message in messages]


def image_count(body: dict[str, Any]) -> int:
    parts = [part for message in body["messages"] for part in _parts_of(message.get("content"))]
    return sum(part.get("type") == "image_url" for part in parts)


def tool_definitions(body: dict[str, Any]) -> str:
    """What a model reads of its tools; empty without any."""
    return _compact(body["tools"]) if body.get("tools") else ""


def _parts_of(content: Any) -> list[dict[str, Any]]:
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _calls_of(message: dict[str, Any]) -> str:
    return _compact(message["tool_calls"]) if message.get("tool_calls") else ""


def _compact(value: Any) -> str:
    """No longer than any JSON that says the same, so that nobody is charged for spaces that they didn't send."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _text_of(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    raise Refused("content must be a text or a list of parts.", param="messages")
