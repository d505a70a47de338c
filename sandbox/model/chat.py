"""POST /v1/chat/completions: whole, or as a stream of one chunk for each token."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.model import fields
from sandbox.model.faults import event_stream, fail_before_the_answer, fail_instead_of_a_whole_answer
from sandbox.model.generation import Generation, generate


async def chat(request: Request) -> Response:
    body = await fields.body_of(request)
    await fail_before_the_answer(body["model"])
    generation = generate(body, request.app.state.cache)
    if not body.get("stream"):
        return await _whole(generation, delay=request.app.state.token_delay)
    options = body.get("stream_options") or {}
    stream = _stream(generation, delay=request.app.state.token_delay, with_usage=bool(options.get("include_usage")))
    return event_stream(stream, model=generation.model, before=1)


async def _whole(generation: Generation, *, delay: float) -> Response:
    await asyncio.sleep(delay * generation.usage()["completion_tokens"])
    fail_instead_of_a_whole_answer(generation.model)
    message: dict[str, Any] = {"role": "assistant", "content": "".join(generation.emitted), "refusal": None}
    if generation.shown_thought:
        message["reasoning_content"] = "".join(generation.shown_thought)
    if generation.calls:
        message |= {"content": None, "tool_calls": [call.as_message() for call in generation.calls]}
    choice = {"index": 0, "message": message, "logprobs": None} | _reason(generation)
    return JSONResponse(_envelope(generation, "chat.completion", [choice]) | {"usage": generation.usage()})


async def _stream(generation: Generation, *, delay: float, with_usage: bool) -> AsyncIterator[bytes]:
    rest: dict[str, Any] = {"usage": None} if with_usage else {}

    def chunk(delta: dict[str, Any], reason: dict[str, Any] | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None} | (reason or {"finish_reason": None})
        return _frame(_envelope(generation, "chat.completion.chunk", [choice]) | rest)

    yield chunk({"role": "assistant", "content": ""})
    for delta in _deltas(generation):
        await asyncio.sleep(delay)
        yield chunk(delta)
    yield chunk({}, _reason(generation))
    if with_usage:
        yield _frame(_envelope(generation, "chat.completion.chunk", []) | {"usage": generation.usage()})
    yield b"data: [DONE]\n\n"


def _deltas(generation: Generation) -> Iterator[dict[str, Any]]:
    yield from ({"reasoning_content": piece} for piece in generation.shown_thought)
    yield from ({"content": piece} for piece in generation.emitted)
    for index, call in enumerate(generation.calls):
        begun = call.as_message() | {"index": index, "function": {"name": call.name, "arguments": ""}}
        yield {"tool_calls": [begun]}
        yield from ({"tool_calls": [{"index": index, "function": {"arguments": piece}}]} for piece in call.pieces)


def _reason(generation: Generation) -> dict[str, Any]:
    """`stop_reason` is what some model servers add: the stop text that was met."""
    met = {"stop_reason": generation.stop_reason} if generation.stop_reason else {}
    return {"finish_reason": generation.finish_reason} | met


def _envelope(generation: Generation, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": generation.id,
        "object": kind,
        "created": int(time.time()),
        "model": generation.model,
        "choices": choices,
        "service_tier": generation.service_tier,
        "system_fingerprint": "fp_toll_road",
    }


def _frame(payload: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(payload, separators=(",", ":")).encode() + b"\n\n"
