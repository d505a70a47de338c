"""uvicorn's protocol over httptools, with bounds on what a connection may take, and refusals in JSON.

uvicorn itself waits for ever for the end of a head, keeps heads of any size, and answers malformed HTTP in plain text.
"""

import asyncio
import socket
from collections import Counter
from typing import Any, ClassVar, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from core.ids import uuid7
from core.verdict import Refusal, Verdict
from gateway import log
from gateway.call import request_id_of
from gateway.connection_limits import ConnectionLimits
from gateway.one_write import HeadWithBody
from gateway.refusals import body_of, headers_of

MALFORMED = Verdict(Refusal.INVALID_REQUEST, "This is not HTTP as RFC 9112 has it.")
FULL = Verdict(Refusal.UNAVAILABLE, "The gateway has as many connections as it can serve.", retry_after=1)
SEND_BUFFER = 256 * 1024
BAD_REQUEST, REQUEST_TIMEOUT, TOO_LARGE, HEADERS_TOO_LARGE, UNAVAILABLE = 400, 408, 413, 431, 503


class GatewayProtocol(HttpToolsProtocol):
    """One client's connection. Timers run only where something is late: a whole request costs none."""

    limits: ClassVar[ConnectionLimits]
    most_connections: ClassVar[int]
    addresses: ClassVar[Counter[str]]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast("asyncio.Transport", HeadWithBody(transport)))
        self._in_head = False
        self._is_whole = True
        self._head_bytes = self._head_lines = self._received = 0
        self._thrown_away_from: int | None = None  # bytes that had come when an answer ended before its request
        self._late: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._is_refused = False
        self._why: tuple[int, Verdict] | None = None
        self._address = self.client[0] if self.client else ""
        self.addresses[self._address] += 1
        _bound_socket(transport, self.limits.write_seconds)
        self._expect_a_request()
        most = self.limits.connections_per_address
        if len(self.connections) > self.most_connections or 0 < most < self.addresses[self._address]:
            self._refuse(UNAVAILABLE, FULL)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._late, self._unread):
            if timer is not None:
                timer.cancel()
        self._unset_keepalive_if_required()
        self.addresses[self._address] -= 1
        if not self.addresses[self._address]:
            del self.addresses[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._is_refused:
            return
        self._received += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # Nothing is upgraded here: the request is answered as it is.
        except httptools.HttpParserError:
            self._refuse(*(self._why or (BAD_REQUEST, MALFORMED)))
            return
        self._check_what_is_not_whole()

    def _check_what_is_not_whole(self) -> None:
        limits = self.limits
        if self._in_head and self._received > limits.header_bytes:
            self._refuse(HEADERS_TOO_LARGE, _large_head(limits))
        elif self._in_head and self._late is None:
            self._late = self.loop.call_later(limits.header_seconds, self._head_is_late)
        elif self._thrown_away_from is not None and self._received > self._thrown_away_from + limits.linger_bytes:
            self.transport.abort()
        elif not self._is_whole and self._received > limits.received_bytes:
            self._refuse(TOO_LARGE, Verdict(Refusal.BODY_TOO_LARGE, f"A body has {limits.body_bytes:,} bytes at most."))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._is_whole, self._thrown_away_from = True, False, None
        self._head_bytes = self._head_lines = self._received = 0

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + 4)
        if self._in_head:  # What follows a chunked body is counted and dropped: it must not pass for a header.
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_whole = True
        super().on_message_complete()
        if self.cycle.response_complete:  # The refusal came before the body's end.
            self._stop_waiting()
            self._expect_a_request()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._is_whole and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self._thrown_away_from = self._received
            self._late = self.loop.call_later(self.limits.linger_seconds, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(self.limits.write_seconds, self._give_up_reader)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _count(self, size: int) -> None:
        """Raises ValueError, which the parser turns into its own error."""
        self._head_bytes += size
        self._head_lines += 1
        if self._head_bytes > self.limits.header_bytes or self._head_lines > self.limits.headers:
            self._why = HEADERS_TOO_LARGE, _large_head(self.limits)
            raise ValueError

    def _head_is_late(self) -> None:
        seconds = self.limits.header_seconds
        self._refuse(
            REQUEST_TIMEOUT, Verdict(Refusal.INVALID_REQUEST, f"The head did not arrive within {seconds:g} seconds.")
        )

    def _give_up_reader(self) -> None:
        log.line("connection.unread", seconds=self.limits.write_seconds)
        self.transport.abort()

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _expect_a_request(self) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(self.limits.idle_seconds, self.timeout_keep_alive_handler)

    def _refuse(self, status: int, verdict: Verdict) -> None:
        """Say so and close; where an answer is on its way, cut it: nothing can be said inside of it."""
        self._is_refused = True
        cycle = self.cycle
        is_answering = cycle is not None and not cycle.response_complete
        if is_answering and cycle.response_started:
            self.transport.abort()
            return
        if is_answering:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write(_answer(status, verdict))
        self.transport.close()


def protocol_for(limits: ConnectionLimits) -> type[GatewayProtocol]:
    """Uvicorn makes protocols itself, and hands them nothing of ours."""
    bounds: dict[str, Any] = {
        "limits": limits,
        "most_connections": limits.most_connections,
        "addresses": Counter(),
    }
    return type("BoundedProtocol", (GatewayProtocol,), bounds)


def _answer(status: int, verdict: Verdict) -> bytes:
    id_, body = request_id_of(uuid7()).encode(), body_of(verdict)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
        (b"x-request-id", id_),
        (b"request-id", id_),
        *headers_of(verdict),
    ]
    return b"".join([STATUS_LINE[status], *(name + b": " + value + b"\r\n" for name, value in headers), b"\r\n", body])


def _large_head(limits: ConnectionLimits) -> Verdict:
    most = f"{limits.header_bytes:,} bytes and {limits.headers} lines"
    return Verdict(Refusal.INVALID_REQUEST, f"A request's head has at most {most}.")


def _bound_socket(transport: asyncio.Transport, seconds: float) -> None:
    """What the system keeps for a client that doesn't read is bounded; a peer that acknowledges nothing is gone."""
    connection = transport.get_extra_info("socket")
    if connection is None or connection.family == socket.AF_UNIX:
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))
