"""Models that fail on purpose, the same in every dialect: which one is asked for says how."""

import asyncio
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from sandbox.model.errors import Refused

SLOW_SECONDS = 3.0
HANG_SECONDS = 3_600.0
BUSY_SECONDS = 2
BROKEN_AFTER = 5
BROKEN = "demo-broken"


async def fail_before_the_answer(model: str) -> None:
    """Raises `Refused`, or lets the caller wait."""
    if model == "demo-unavailable":
        raise Refused("This model always fails.", status=503)
    if model == "demo-busy":
        raise Refused("This model is always busy.", status=429, retry_after=BUSY_SECONDS)
    if model == "demo-hang":
        await asyncio.sleep(HANG_SECONDS)
    if model == "demo-slow":
        await asyncio.sleep(SLOW_SECONDS)


def fail_instead_of_a_whole_answer(model: str) -> None:
    if model == BROKEN:
        raise Refused("This model fails before it answers.", status=500)


def event_stream(content: AsyncIterator[bytes], *, model: str, before: int) -> Response:
    """`before` is the number of frames that come before the first token."""
    if model == BROKEN:
        return _BreakingStream(content, frames=before + BROKEN_AFTER)
    return StreamingResponse(content, media_type="text/event-stream", headers={"cache-control": "no-cache"})


class _BreakingStream(Response):
    """Sends a few frames and never ends the body: the connection is cut, as by a dying process."""

    def __init__(self, content: AsyncIterator[bytes], *, frames: int) -> None:
        super().__init__(media_type="text/event-stream")
        del self.headers["content-length"]
        self.content = content
        self.frames = frames

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        sent = 0
        async for frame in self.content:
            await send({"type": "http.response.body", "body": frame, "more_body": True})
            sent += 1
            if sent >= self.frames:
                return
