"""Each dialect of callers against each of upstreams."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from gateway.dialects.ask import Ask
from gateway.dialects.asking import read_chat, read_messages, read_responses
from gateway.dialects.dialect import Forwarded
from gateway.sse import Frames
from tests.gateway.dialects.asked import ASKED
from tests.gateway.published import SPARK, upstream

READ: dict[str, Callable[[bytes], Ask]] = {
    "openai_chat": read_chat,
    "openai_responses": read_responses,
    "anthropic_messages": partial(read_messages, version="2023-06-01"),
}
NAMES = tuple(READ)
CELLS = [(client, server) for client in NAMES for server in NAMES]
_MADE = re.compile(r"(chatcmpl-|resp_|msg_|rs_|fc_)[0-9a-f]{32}")
_TIMES = re.compile(r'"(created|created_at|completed_at)":\s?\d+')


def asks(client: str, scenario: str = "text", **changes: Any) -> Ask:
    return READ[client](msgspec.json.encode({"model": "muse-spark"} | ASKED[client][scenario] | changes))


def forwarded(ask: Ask, server: str) -> Forwarded:
    served = upstream("theirs", dialect=server)
    return ask.forward(replace(SPARK, upstreams=(served,)), served)


def streamed(sent: Forwarded, frames: bytes) -> bytes:
    """What the caller gets of a stream that ends, or, where it fails, of one that is broken off."""
    shown = b"".join([sent.reading.frame(frame) for frame in Frames().feed(frames)])
    assert sent.reading.is_complete or sent.reading.failed
    return shown + (sent.reading.failure(sent.reading.failed) if sent.reading.failed else sent.reading.last_frames())


def events_of(stream: bytes) -> list[dict[str, Any]]:
    """The payloads, without the `[DONE]` of chat completions."""
    data = [line[6:] for line in stream.decode().split("\n") if line.startswith("data: ")]
    return [json.loads(payload) for payload in data if payload != "[DONE]"]


def settled(text: str) -> str:
    """The same text in every run: no ids or times of its own."""
    return _TIMES.sub(r'"\1":0', _MADE.sub(r"\1…", text))
