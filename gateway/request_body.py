"""Reading a request's body: bounded in size and in time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from core.verdict import Refusal, Verdict

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
RawHeaders = Iterable[tuple[bytes, bytes]]


COMPRESSED = Verdict(Refusal.INVALID_REQUEST, "Send the body without compression.", param="content-encoding")


class ClientGone(Exception):
    """The client hung up before its request was whole."""


async def read_body(headers: RawHeaders, receive: Receive, *, most: int, seconds: float) -> bytes | Verdict:
    """A body that announces more than `most` bytes isn't waited for. Raises `ClientGone`."""
    encoding = next((value for name, value in headers if name == b"content-encoding"), b"identity")
    if encoding.strip().lower() != b"identity":
        return COMPRESSED
    if _announced(headers) > most:
        return _too_large(most)
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive, most)
    except TimeoutError:
        return Verdict(Refusal.INVALID_REQUEST, f"The body did not arrive within {seconds:g} seconds.")


async def _read(receive: Receive, most: int) -> bytes | Verdict:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            return _too_large(most)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _announced(headers: RawHeaders) -> int:
    """Answer the content length in bytes, which the server has checked to be digits; 0 where none is given."""
    return next((int(value) for name, value in headers if name == b"content-length"), 0)


def _too_large(most: int) -> Verdict:
    return Verdict(Refusal.BODY_TOO_LARGE, f"The body is larger than {most:,} bytes.")
