"""A model server that takes its time, and counts what it generates: each answer is told from every other."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

SECONDS = 0.8
LARGE_BYTES = 1_200_000
GENERATED: list[str] = []
CANCELLED: list[str] = []


def slow_app() -> Starlette:
    return Starlette(routes=[Route("/v1/chat/completions", _chat, methods=["POST"])])


async def _chat(request: Request) -> Response:
    body = await request.json()
    GENERATED.append(body["model"])
    text = f"Answer {len(GENERATED)}" + ("x" * LARGE_BYTES if body["model"] == "large" else "")
    if body["model"] == "fails" and len(GENERATED) == 1:
        return JSONResponse({"error": {"message": "Down."}}, 500)
    if body.get("stream"):
        return StreamingResponse(_stream(body["model"], text), media_type="text/event-stream")
    await _wait(request, body["model"])
    return JSONResponse({"id": "c1", "model": "m", "choices": [_choice("message", text)], "usage": _usage()})


async def _wait(request: Request, model: str) -> None:
    """Until it is answered, or until nobody waits any more."""
    for _ in range(int(SECONDS * 20) if model != "endless" else 1_200):
        await asyncio.sleep(0.05 if model != "quick" else 0)
        if await request.is_disconnected():
            CANCELLED.append(model)
            raise asyncio.CancelledError


async def _stream(model: str, text: str) -> AsyncIterator[bytes]:
    try:
        await asyncio.sleep(SECONDS if model != "quick" else 0)
        for word in text.split(" "):
            yield _frame({"id": "c1", "model": "m", "choices": [_choice("delta", word)]})
            await asyncio.sleep(60 if model == "endless" else 0.4 if model != "quick" else 0)
    except BaseException:
        CANCELLED.append(model)
        raise
    yield _frame({"id": "c1", "model": "m", "choices": [], "usage": _usage()}) + b"data: [DONE]\n\n"


def _choice(name: str, text: str) -> dict[str, Any]:
    return {"index": 0, name: {"role": "assistant", "content": text}, "finish_reason": "stop"}


def _usage() -> dict[str, int]:
    return {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}


def _frame(payload: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(payload).encode() + b"\n\n"
