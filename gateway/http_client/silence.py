"""Notices that a server has been silent for too long, at the cost of noting a time for each thing heard.

A timer is not set again for each of them: when it is due it looks how long the silence has lasted.
"""

import asyncio
from collections.abc import Callable


class Silence:
    def __init__(self, loop: asyncio.AbstractEventLoop, then: Callable[[], None]) -> None:
        self._loop = loop
        self._then = then
        self._timer: asyncio.TimerHandle | None = None
        self._most: float | None = None
        self._heard_at = 0.0

    def begin(self, most: float) -> None:
        """Call `then` once nothing has been heard for `most` seconds, until `end`."""
        self._most = most
        self._heard_at = self._loop.time()
        due = self._heard_at + most
        if self._timer is None or self._timer.when() > due:
            self.close()
            self._timer = self._loop.call_at(due, self._look)

    def heard(self) -> None:
        self._heard_at = self._loop.time()

    def end(self) -> None:
        """The timer stays for the next request on this connection."""
        self._most = None

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._most is None:
            return
        due = self._heard_at + self._most
        if due <= self._loop.time():
            self._then()
        else:
            self._timer = self._loop.call_at(due, self._look)
