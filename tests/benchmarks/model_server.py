"""A model server that costs as little as Python allows: a bare protocol on uvloop that knows three models.

`bench` answers a whole completion, or a stream of `CHUNKS` chunks, one each `INTERVAL` seconds. `bench-slow` streams a
chunk a second, for streams that stay open.
"""

import asyncio
import json
import sys
from typing import cast

import uvloop

CHUNKS = 50
INTERVAL = 0.01
SLOW_CHUNKS = 60
SLOW_INTERVAL = 1.0

USAGE = {"prompt_tokens": 20, "completion_tokens": CHUNKS, "total_tokens": 20 + CHUNKS}
ENVELOPE = {"id": "chatcmpl-bench", "created": 1_767_225_600, "model": "bench"}
WHOLE = json.dumps(
    ENVELOPE
    | {
        "object": "chat.completion",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "A token. " * CHUNKS}, "finish_reason": "stop"}
        ],
        "usage": USAGE,
    }
).encode()
WHOLE_ANSWER = (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(WHOLE)) + WHOLE
STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def _frame(choices: list[object], usage: object = None) -> bytes:
    payload = ENVELOPE | {"object": "chat.completion.chunk", "choices": choices, "usage": usage}
    return _chunked(b"data: " + json.dumps(payload).encode() + b"\n\n")


def _chunked(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


DELTA = _frame([{"index": 0, "delta": {"content": "A token. "}, "finish_reason": None}])
LAST = (
    _frame([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    + _frame([], USAGE)
    + _chunked(b"data: [DONE]\n\n")
    + b"0\r\n\r\n"
)


class Connection(asyncio.Protocol):
    """Requests come one after the other, with a content length, in one piece or in several."""

    def __init__(self) -> None:
        self._pending = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._pending += data
        head, blank, rest = self._pending.partition(b"\r\n\r\n")
        if not blank:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        if len(rest) >= length:
            self._pending = rest[length:]
            self._answer(rest[:length].replace(b" ", b""))

    def connection_lost(self, error: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _answer(self, body: bytes) -> None:
        if b'"stream":true' not in body:
            self._transport.write(WHOLE_ANSWER)
        elif b"bench-slow" in body:
            self._transport.write(STREAM_HEAD)
            self._next(SLOW_CHUNKS, SLOW_INTERVAL)
        else:
            self._transport.write(STREAM_HEAD)
            self._next(CHUNKS, INTERVAL)

    def _next(self, left: int, interval: float) -> None:
        if left == 0:
            self._timer = None
            self._transport.write(LAST)
            return
        self._transport.write(DELTA)
        self._timer = asyncio.get_running_loop().call_later(interval, self._next, left - 1, interval)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
