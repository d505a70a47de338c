"""POST /v1/responses: OpenAI's newer format, whole or as a stream of one delta for each token."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.model import fields
from sandbox.model.faults import event_stream, fail_before_the_answer, fail_instead_of_a_whole_answer
from sandbox.model.generation import Generation, generate
from sandbox.model.response_items import Item, items_of
from sandbox.model.responses_request import chat_of


async def responses(request: Request) -> Response:
    body = await fields.body_of(request)
    await fail_before_the_answer(body["model"])
    generation = generate(chat_of(body), request.app.state.cache)
    delay = request.app.state.token_delay
    if body.get("stream"):
        return event_stream(_stream(generation, delay=delay), model=generation.model, before=4)
    await asyncio.sleep(delay * generation.usage()["completion_tokens"])
    fail_instead_of_a_whole_answer(generation.model)
    return JSONResponse(_ended(generation))


async def _stream(generation: Generation, *, delay: float) -> AsyncIterator[bytes]:
    numbers = count()

    def event(kind: str, **payload: Any) -> bytes:
        data = json.dumps({"type": kind, "sequence_number": next(numbers)} | payload, separators=(",", ":"))
        return f"event: {kind}\ndata: {data}\n\n".encode()

    yield event("response.created", response=_begun(generation))
    yield event("response.in_progress", response=_begun(generation))
    for index, item in enumerate(items_of(generation)):
        yield event("response.output_item.added", output_index=index, item=item.empty)
        for kind, payload, is_token in _inside(item):
            await asyncio.sleep(delay if is_token else 0)
            yield event(kind, item_id=item.whole["id"], output_index=index, **payload)
        yield event("response.output_item.done", output_index=index, item=item.whole)
    ended = _ended(generation)
    yield event(f"response.{ended['status']}", response=ended)


def _inside(item: Item) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """The events of one item: their kind, what they say, and whether they are a token."""
    if item.part is not None:
        yield item.part_kind + ".added", item.place | {"part": item.part("")}, False
    for piece in item.pieces:
        yield item.kind + ".delta", item.place | {"delta": piece}, True
    text = "".join(item.pieces)
    yield item.kind + ".done", item.place | {item.said_as: text}, False
    if item.part is not None:
        yield item.part_kind + ".done", item.place | {"part": item.part(text)}, False


def _begun(generation: Generation) -> dict[str, Any]:
    return {
        "id": generation.id.replace("chatcmpl-", "resp_"),
        "object": "response",
        "created_at": int(time.time()),
        "status": "in_progress",
        "model": generation.model,
        "output": [],
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "service_tier": "default",
        "usage": None,
    }


def _ended(generation: Generation) -> dict[str, Any]:
    is_cut = generation.finish_reason == "length"
    return _begun(generation) | {
        "status": "incomplete" if is_cut else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if is_cut else None,
        "output": [item.whole for item in items_of(generation)],
        "usage": _usage(generation),
    }


def _usage(generation: Generation) -> dict[str, Any]:
    counted = generation.usage()
    return {
        "input_tokens": counted["prompt_tokens"],
        "input_tokens_details": {"cached_tokens": generation.cached_tokens},
        "output_tokens": counted["completion_tokens"],
        "output_tokens_details": {"reasoning_tokens": generation.reasoning_tokens},
        "total_tokens": counted["total_tokens"],
    }
