"""Reading a recording to its end, from its beginning: its head, then its bytes as they come."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from gateway.refusals import RawHeaders
from gateway.retries.recording import Recording


@dataclass(frozen=True, slots=True)
class Head:
    status: int
    headers: RawHeaders


@dataclass(frozen=True, slots=True)
class Data:
    """`is_last` where the answer ends with it."""

    bytes: bytes
    is_last: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """It can't be read: `was_answered` tells whether there was an answer, which is only not kept."""

    was_answered: bool


Part = Head | Data | Missing


async def parts_of(recording: Recording) -> AsyncGenerator[Part, None]:
    """Yield what there is, wait for the rest, and stop after the last `Data` or a `Missing`."""
    recording.is_joined = True
    while not recording.has_started and not recording.is_gone and not recording.is_dropped:
        await recording.news()
    if not recording.has_started or recording.is_dropped:
        yield Missing(was_answered=recording.is_dropped)
        return
    yield Head(recording.status, recording.headers)
    position = 0
    while True:
        data, is_over = bytes(recording.body[position:]), recording.is_over
        if recording.is_dropped:
            yield Missing(was_answered=True)
            return
        if data or is_over:
            position += len(data)
            yield Data(data, is_over)
        if is_over:
            return
        if position == len(recording.body) and not recording.is_over:
            await recording.news()
