"""One call over a connection of its own, and how it ended, as exactly as a client can know."""

import asyncio
import json
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

PATIENCE = 25.0
REFUSED_FROM = 400
WHOLE_CHUNK = 0.03  # seconds that stand for a chunk where an answer comes whole
END_OF_CHUNKS = b"0\r\n\r\n"


class Ending(StrEnum):
    COMPLETED = "completed"
    FAILED = "failed"  # begun, and told that it can't be ended
    REFUSED = "refused"
    BROKEN = "broken"  # the connection ended first
    HUNG_UP = "hung up"


@dataclass(frozen=True)
class Answer:
    """`request_id` is empty where no header came back."""

    key: UUID
    ending: Ending
    request_id: str = ""
    status: int = 0
    seconds: float = 0.0
    text: str = ""


@dataclass(frozen=True)
class Call:
    url: str
    secret: str
    key: UUID
    model: str
    is_stream: bool
    tokens: int
    hangs_up_after: int | None = None


async def answer_to(call: Call) -> Answer:
    loop = asyncio.get_running_loop()
    began = loop.time()
    received = bytearray()
    ending = Ending.BROKEN
    try:
        async with asyncio.timeout(PATIENCE):
            ending = await _exchange(call, received)
    except (OSError, asyncio.IncompleteReadError):
        ending = Ending.BROKEN
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    status, request_id = _head(head)
    if ending is not Ending.HUNG_UP and status:
        ending = _ending(call, status, head, body)
    text = body[:300].decode(errors="replace") if status >= REFUSED_FROM else ""
    return Answer(call.key, ending, request_id, status, loop.time() - began, text)


async def _exchange(call: Call, received: bytearray) -> Ending:
    host, _, port = call.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(_request(call, host))
        if call.hangs_up_after is not None and not call.is_stream:
            await asyncio.sleep(call.hangs_up_after * WHOLE_CHUNK)
            return Ending.HUNG_UP
        chunks = 0
        while data := await reader.read(65536):
            received += data
            chunks += 1
            if call.hangs_up_after is not None and chunks > call.hangs_up_after:
                return Ending.HUNG_UP
    finally:
        writer.transport.abort()
    return Ending.BROKEN


def _request(call: Call, host: str) -> bytes:
    messages = [{"role": "user", "content": "Tell me about toll roads in 200 words"}]
    fields = {"model": call.model, "messages": messages, "max_tokens": call.tokens, "stream": call.is_stream}
    body = json.dumps(fields).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {call.secret}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


def _head(head: bytes) -> tuple[int, str]:
    lines = head.decode("latin-1").split("\r\n")
    if len(lines) < 2:
        return 0, ""
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    return int(lines[0].split()[1]), headers.get("x-request-id", "")


def _ending(call: Call, status: int, head: bytes, body: bytes) -> Ending:
    if status >= REFUSED_FROM:
        return Ending.REFUSED
    if not call.is_stream:
        length = int(dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])[b"content-length"])
        return Ending.COMPLETED if len(body) == length else Ending.BROKEN
    if not body.endswith(END_OF_CHUNKS):
        return Ending.BROKEN
    return Ending.COMPLETED if b"data: [DONE]" in body else Ending.FAILED
