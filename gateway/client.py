"""The answer to one client: it carries the request id, and is JSON or an event stream, never anything else."""

import time
from collections.abc import Callable

from core.verdict import Verdict
from gateway import refusals
from gateway.refusals import RawHeaders
from gateway.request_body import Send
from gateway.retries.recording import Recording
from gateway.surfaces.surface import Surface

JSON: RawHeaders = [(b"content-type", b"application/json")]
EVENT_STREAM: RawHeaders = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


class Client:
    """A client that is gone is answered all the same: the server drops what nobody reads."""

    def __init__(self, send: Send, request_id: str, surface: Surface, *, portal_url: str = "") -> None:
        self._send = send
        self._portal_url = portal_url
        self.request_id = request_id
        self.surface = surface
        self.status = 0
        self.is_sending = False
        self.last_sent = 0.0
        self.recording: Recording | None = None
        self.told: RawHeaders = []  # of every answer, whatever it is
        self.rewrite: Callable[[bytes], bytes] | None = None  # what an answer says beyond what the dialect knows

    @property
    def has_started(self) -> bool:
        return self.status != 0

    async def answer(self, status: int, headers: RawHeaders, body: bytes) -> None:
        await self._start(status, [*JSON, *headers, (b"content-length", str(len(body)).encode())])
        await self.more(body, is_last=True)

    async def refuse(self, verdict: Verdict, headers: RawHeaders = []) -> None:  # noqa: B006 - never changed
        surface = self.surface
        url = refusals.link_of(verdict, portal_url=self._portal_url)
        body = surface.refusal(verdict, request_id=self.request_id, url=url)
        told = [*(headers or surface.limits_of(verdict)), *refusals.headers_of(verdict)]
        await self.answer(surface.status_of(verdict), told, body)

    async def give(self, headers: RawHeaders, body: bytes) -> None:
        """The whole answer of a model."""
        await self.answer(200, headers, self._rewritten(body))

    async def stream(self, data: bytes, headers: RawHeaders) -> None:
        """Send frames; the first ones start the answer, chunked."""
        self.is_sending = True
        if not self.has_started:
            await self._start(200, [*EVENT_STREAM, *headers])
        await self.more(self._rewritten(data), is_last=False)
        self.last_sent = time.monotonic()
        self.is_sending = False

    async def end(self, data: bytes) -> None:
        await self.more(self._rewritten(data), is_last=True)

    def _rewritten(self, data: bytes) -> bytes:
        return data if self.rewrite is None else self.rewrite(data)

    async def more(self, data: bytes, *, is_last: bool) -> None:
        if self.recording is not None:
            self.recording.add(data, is_last=is_last)
        await self._send({"type": "http.response.body", "body": data, "more_body": not is_last})

    async def begin(self, status: int, headers: RawHeaders) -> None:
        """With just these headers."""
        self.status = status
        if self.recording is not None:
            self.recording.start(status, headers)
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def _start(self, status: int, headers: RawHeaders) -> None:
        id_ = self.request_id.encode()
        headers += (*self.told, (b"x-request-id", id_), (b"request-id", id_))
        await self.begin(status, headers)
