"""What a thousand open streams add to a program's memory."""

import asyncio
import time
from collections.abc import Sequence
from typing import cast

import uvloop

from tests.benchmarks.rounds import Medians, Sample, interleaved
from tests.benchmarks.stream_load import request_of
from tests.benchmarks.target import Target

STREAMS = 1000
LONGEST_SECONDS = 60.0
# The connections of one round are gone before the next begins.
BETWEEN_SECONDS = 3.0


class Listener(asyncio.Protocol):
    """Opens one stream, and keeps it open."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.has_begun: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if b"data:" in data and not self.has_begun.done():
            self.has_begun.set_result(True)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.has_begun.done():
            self.has_begun.set_result(False)


def measure(targets: Sequence[Target], *, rounds: int) -> Medians:
    """Megabytes: "rss" of the program before, "added" by `STREAMS` streams of which each has begun.

    Measured first of all, and each round against what was there before the first: a program keeps what it once took.
    """
    before = {target.name: target.running.resident_bytes() for target in targets if target.running}
    return interleaved(targets, lambda target: _once(target, before[target.name]), rounds=rounds)


def _once(target: Target, before: int) -> Sample:
    during, begun = uvloop.run(_open_all(target))
    time.sleep(BETWEEN_SECONDS)
    return {"rss": before / 1e6, "added": (during - before) / 1e6, "errors": STREAMS - begun}


async def _open_all(target: Target) -> tuple[int, int]:
    assert target.running is not None
    request, loop = request_of(target, model="bench-slow"), asyncio.get_running_loop()
    opened = [await loop.create_connection(lambda: Listener(request), "127.0.0.1", target.port) for _ in range(STREAMS)]
    begun, _ = await asyncio.wait([listener.has_begun for _, listener in opened], timeout=LONGEST_SECONDS)
    resident = target.running.resident_bytes()
    for transport, _ in opened:
        transport.abort()
    return resident, sum(future.result() for future in begun)
