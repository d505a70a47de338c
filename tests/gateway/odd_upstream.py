"""A model server that behaves as few should: what it does is named by the model asked for. It records every body."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
RECORDED: list[dict[str, Any]] = []
CANCELLED: list[str] = []


def odd_app() -> Starlette:
    return Starlette(routes=[Route("/v1/chat/completions", _chat, methods=["POST"])])


async def _chat(request: Request) -> Response:
    body = await request.json()
    RECORDED.append(body)
    whole = WHOLE.get(body["model"])
    if whole is not None:
        return whole
    return StreamingResponse(_stream(body["model"]), media_type="text/event-stream")


WHOLE: dict[str, Response] = {
    "refuses-400": JSONResponse({"error": {"message": "Too long.", "param": "messages"}}, 400),
    "refuses-400-html": Response("<html>no</html>", 400, media_type="text/html"),
    "refuses-401": JSONResponse({"error": {"message": "Operator's key is wrong."}}, 401),
    "refuses-429": JSONResponse({"error": {"message": "Busy."}}, 429),
    "answers-html": Response("<html>hello</html>", media_type="text/html"),
    "uses-too-much": JSONResponse({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 5_000}}),
    "whole-without-usage": JSONResponse({"model": "m", "choices": [{"message": {"content": "12345678"}}]}),
}


async def _stream(kind: str) -> AsyncIterator[bytes]:
    yield _frame(_delta("one"))
    if kind == "is-silent":
        await asyncio.sleep(1.0)
    if kind == "reports-an-error":
        yield _frame({"error": {"message": "out of memory"}})
        return
    if kind == "never-ends":
        await _forever(kind)
    yield _frame(_delta(" two") | ({"usage": USAGE} if kind == "usage-beside-a-choice" else {}))
    if kind in {"without-usage", "usage-beside-a-choice"}:
        yield b"data: [DONE]\n\n"
    elif kind != "stops-without-done":
        # Two frames in three writes, with carriage returns, split inside a frame.
        yield b': hello\r\n\r\ndata: {"choices":[],"us'
        yield b'age":' + json.dumps(USAGE).encode() + b"}\r\n\r"
        yield b"\ndata: [DONE]\r\n\r\n"


async def _forever(kind: str) -> None:
    try:
        await asyncio.sleep(60)
    finally:
        CANCELLED.append(kind)


def _delta(text: str) -> dict[str, Any]:
    return {"id": "c1", "model": "odd", "choices": [{"index": 0, "delta": {"content": text}}]}


def _frame(payload: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(payload).encode() + b"\n\n"
