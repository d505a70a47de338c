"""A webhook endpoint that verifies every signature with the SDK."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import stripe

if TYPE_CHECKING:
    from collections.abc import Callable


class Receiver:
    """Keeps the bodies and headers it is sent; `answers` holds status codes to give before it begins to say 200."""

    def __init__(self) -> None:
        """Listen on a free port."""
        self.secret = ""
        self.answers: list[int] = []
        self.attempts: list[str] = []
        self.events: list[stripe.Event] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                header = self.headers["Stripe-Signature"]
                outer.attempts.append(header)
                status = outer.answers.pop(0) if outer.answers else 200
                if status == 200:
                    outer.events.append(stripe.Webhook.construct_event(body, header, outer.secret))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def types(self) -> list[str]:
        """The types of the events that arrived, in order of arrival."""
        return [event.type for event in self.events]

    def wait(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        """Wait until something is true of what has arrived."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain; so far: {self.types}"
            time.sleep(0.02)

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()
