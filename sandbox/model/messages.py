"""POST /v1/messages: Anthropic's format, whole or as a stream of one delta for each token."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.model import fields
from sandbox.model.faults import event_stream, fail_before_the_answer, fail_instead_of_a_whole_answer
from sandbox.model.generation import Generation, generate
from sandbox.model.messages_request import chat_of

REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
Block = tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]


async def messages(request: Request) -> Response:
    body = await fields.body_of(request)
    await fail_before_the_answer(body["model"])
    generation = generate(chat_of(body), request.app.state.cache)
    delay = request.app.state.token_delay
    if body.get("stream"):
        return event_stream(_stream(generation, delay=delay), model=generation.model, before=3)
    await asyncio.sleep(delay * generation.usage()["completion_tokens"])
    fail_instead_of_a_whole_answer(generation.model)
    content = [whole for _, _, whole in _blocks(generation)]
    return JSONResponse(
        _message(generation) | {"content": content} | _ending(generation) | {"usage": usage(generation)}
    )


def usage(generation: Generation) -> dict[str, Any]:
    """Here the input leaves out what was read from the cache."""
    counted = generation.usage()
    return {
        "input_tokens": generation.prompt_tokens - generation.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": generation.cached_tokens,
        "output_tokens": counted["completion_tokens"],
        "service_tier": "standard",
    }


async def _stream(generation: Generation, *, delay: float) -> AsyncIterator[bytes]:
    begun = _message(generation) | {"usage": usage(generation) | {"output_tokens": 0}}
    yield _event("message_start", message=begun)
    for index, (empty, deltas, _) in enumerate(_blocks(generation)):
        yield _event("content_block_start", index=index, content_block=empty)
        if index == 0:
            yield _event("ping")
        for delta in deltas:
            await asyncio.sleep(delay)
            yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)
    yield _event(
        "message_delta", delta=_ending(generation), usage={"output_tokens": usage(generation)["output_tokens"]}
    )
    yield _event("message_stop")


def _message(generation: Generation) -> dict[str, Any]:
    return {
        "id": generation.id.replace("chatcmpl-", "msg_"),
        "type": "message",
        "role": "assistant",
        "model": generation.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _ending(generation: Generation) -> dict[str, Any]:
    met = generation.stop_reason
    return {"stop_reason": "stop_sequence" if met else REASONS[generation.finish_reason], "stop_sequence": met}


def _blocks(generation: Generation) -> Iterator[Block]:
    """Each block empty, its deltas, and whole."""
    if generation.shown_thought:
        deltas = [{"type": "thinking_delta", "thinking": piece} for piece in generation.shown_thought]
        signed = {"type": "signature_delta", "signature": "demo"}
        whole = {"type": "thinking", "thinking": "".join(generation.shown_thought), "signature": "demo"}
        yield {"type": "thinking", "thinking": "", "signature": ""}, [*deltas, signed], whole
    if generation.emitted or not generation.calls:
        deltas = [{"type": "text_delta", "text": piece} for piece in generation.emitted]
        yield {"type": "text", "text": ""}, deltas, {"type": "text", "text": "".join(generation.emitted)}
    for call in generation.calls:
        named = {"type": "tool_use", "id": call.id.replace("call_", "toolu_"), "name": call.name}
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in call.pieces]
        yield named | {"input": {}}, deltas, named | {"input": json.loads("".join(call.pieces))}


def _event(kind: str, **payload: Any) -> bytes:
    data = json.dumps({"type": kind} | payload, separators=(",", ":"))
    return f"event: {kind}\ndata: {data}\n\n".encode()
