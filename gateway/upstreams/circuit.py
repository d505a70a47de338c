"""A circuit breaker: an upstream that keeps failing is left alone for a while, then tried by one request at a time.

closed → open after `FAILURES` failures in a row, or where `RATIO` of at least `WINDOW` results within
`WINDOW_SECONDS` were failures. open → half-open after a back-off that doubles from `FIRST_BACKOFF` to `LONGEST_BACKOFF`
seconds, less up to half of it by chance, so that gateways don't probe together. half-open → closed when a probe is
answered, → open when it fails. After that answer one failure opens it again, until a request has ended well.

A model's only server is left alone for `LONGEST_ALONE` seconds at most: nobody else serves its callers meanwhile.
"""

import random
from collections import deque
from enum import StrEnum

FAILURES = 5
WINDOW = 20
WINDOW_SECONDS = 30.0
RATIO = 0.5
FIRST_BACKOFF = 1.0
LONGEST_BACKOFF = 60.0
LONGEST_ALONE = 5.0
LONGEST_BUSY = 300.0


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Circuit:
    """Instants are seconds of a monotonic clock."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.state = State.CLOSED
        self.in_a_row = 0
        self.busy_until = 0.0
        self.open_until = 0.0
        self.is_alone = False
        self._backoff = 0.0
        self._results: deque[tuple[float, bool]] = deque(maxlen=200)

    def waits(self, now: float) -> float:
        """Seconds until a request may be sent; 0 for now. A probe that is out keeps the others waiting."""
        busy = max(0.0, self.busy_until - now)
        if self.state == State.OPEN:
            return max(busy, self.open_until - now, 0.0)
        return max(busy, FIRST_BACKOFF) if self.state == State.HALF_OPEN else busy

    def sent(self) -> bool:
        """A request goes there now; answer whether it is the probe."""
        if self.state != State.OPEN:
            return False
        self.state = State.HALF_OPEN
        return True

    def answered(self, *, is_probe: bool) -> None:
        """The head of a good answer came."""
        if is_probe and self.state == State.HALF_OPEN:
            self.state = State.CLOSED
            self.in_a_row = FAILURES - 1
            self._results.clear()

    def ended_well(self, now: float) -> None:
        self.in_a_row = 0
        self._backoff = 0.0
        self._results.append((now, True))

    def failed(self, now: float) -> bool:
        """Answer whether this opened the circuit."""
        self.in_a_row += 1
        self._results.append((now, False))
        if self.state == State.OPEN or not (self.state == State.HALF_OPEN or self._is_bad(now)):
            return False
        longest = LONGEST_ALONE if self.is_alone else LONGEST_BACKOFF
        self._backoff = min(longest, self._backoff * 2 or FIRST_BACKOFF)
        self.state = State.OPEN
        self.open_until = now + self._backoff * self._dice.uniform(0.5, 1.0)
        return True

    def left(self, *, is_probe: bool) -> None:
        """The client hung up before anything was learnt: the next request is the probe."""
        if is_probe and self.state == State.HALF_OPEN:
            self.state = State.OPEN

    def busy(self, now: float, seconds: float) -> None:
        """The upstream asked to be left alone for so long."""
        self.busy_until = max(self.busy_until, now + min(seconds, LONGEST_BUSY))

    def _is_bad(self, now: float) -> bool:
        if self.in_a_row >= FAILURES:
            return True
        recent = [was_good for at, was_good in self._results if at > now - WINDOW_SECONDS]
        return len(recent) >= WINDOW and recent.count(False) >= RATIO * len(recent)
