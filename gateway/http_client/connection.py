"""One connection to a server: a request at a time goes out, and what comes back is read by httptools."""

import asyncio
from collections.abc import Callable
from typing import cast

import httptools

from gateway.http_client.answer import Answer
from gateway.http_client.silence import Silence
from gateway.upstream import MOST_HEADER, UpstreamDown, UpstreamFailed, UpstreamSlow

FIRST_FINAL = 200
SWITCHING = 101
SAY_LENGTH = frozenset({b"content-length", b"transfer-encoding"})


class Connection(asyncio.Protocol):
    """`when_lost` is called once, whoever ended the connection; not before it is set."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._silence = Silence(loop, self._is_silent)
        self._answer: Answer | None = None
        self._head_bytes = 0
        self._ends_with_connection = False
        self._says_its_length = False
        self._served = 0
        self._may_serve_again = False
        self.is_lost = False
        self.when_lost: Callable[[Connection], None] | None = None

    # What the client does with it.

    def post(self, head: bytes, body: bytes, *, read_timeout: float) -> Answer:
        """Send a request on a connection that carries none."""
        self._served += 1
        self._may_serve_again = False
        self._expect_a_head()
        self._answer = answer = Answer(self._loop, self)
        self._read_timeout = read_timeout
        self._silence.begin(read_timeout)
        self._transport.write(head + body)
        return answer

    def let_go(self) -> bool:
        """End with this request; answer whether the connection may carry another one."""
        answer, self._answer = self._answer, None
        self._silence.end()
        is_over = answer is None or not answer.is_complete or not self._may_serve_again
        # A server may answer before it has read all of the request.
        if is_over or self.is_lost or self._transport.is_closing() or self._transport.get_write_buffer_size():
            self.abort()
            return False
        return True

    def abort(self) -> None:
        self._silence.close()
        self._transport.abort()

    def pause(self) -> None:
        """Whoever isn't listened to can't be silent."""
        self._silence.end()
        self._transport.pause_reading()

    def resume(self) -> None:
        if not self.is_lost and not self._transport.is_closing():
            self._silence.begin(self._read_timeout)
            self._transport.resume_reading()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transports are no subclasses.
        self._parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        self._silence.heard()
        answer = self._answer
        if answer is None or answer.is_complete:
            self._may_serve_again = False  # More than was asked for.
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._break(f"The server doesn't speak HTTP/1.1: {error}")
            return
        if not answer.status:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEADER:
                self._break("The answer's head is too large.")

    def connection_lost(self, error: Exception | None) -> None:
        self.is_lost = True
        self._silence.close()
        answer = self._answer
        if answer is not None and not answer.is_complete:
            if error is None and answer.status and self._ends_with_connection:
                answer.complete()
            else:
                answer.fail(self._failure(UpstreamDown, str(error) if error else "The server ended the connection."))
        if self.when_lost is not None:
            self.when_lost(self)

    # httptools

    def on_header(self, name: bytes, value: bytes) -> None:
        assert self._answer is not None
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MOST_HEADER:
            raise ValueError("The answer's head is too large.")
        name = name.lower()
        self._says_its_length = self._says_its_length or name in SAY_LENGTH
        self._answer.headers.append((name, value))

    def on_headers_complete(self) -> None:
        answer = self._answer
        assert answer is not None
        status = self._parser.get_status_code()
        if status == SWITCHING:
            raise ValueError("The server wants to speak another protocol.")
        if status < FIRST_FINAL:
            return  # The answer is still to come.
        self._ends_with_connection = not self._says_its_length
        answer.begin(status)

    def on_body(self, data: bytes) -> None:
        if self._answer is not None:
            self._answer.add(data)

    def on_message_complete(self) -> None:
        answer = self._answer
        if answer is None or answer.is_complete:
            return
        if not answer.status:
            answer.headers.clear()  # They were those of a 1xx.
            self._expect_a_head()
            return
        self._may_serve_again = self._parser.should_keep_alive()
        answer.complete()

    def on_message_begin(self) -> None:
        if self._answer is None or self._answer.is_complete:
            raise ValueError("The server said more than it was asked for.")

    def _expect_a_head(self) -> None:
        self._head_bytes = self._header_bytes = 0
        self._says_its_length = False

    def _is_silent(self) -> None:
        if self._answer is not None:
            self._answer.fail(self._failure(UpstreamSlow, "The server was silent for too long."))
        self.abort()

    def _break(self, why: str) -> None:
        """After a complete answer, only the connection is over."""
        self._may_serve_again = False
        if self._answer is not None and not self._answer.is_complete:
            self._answer.fail(self._failure(UpstreamDown, why))
            self.abort()

    def _failure(self, kind: type[UpstreamFailed], why: str) -> UpstreamFailed:
        return kind(why, was_sent=True, was_kept=self._served > 1)
