"""An answer of an upstream that speaks the caller's own dialect: its bytes go on as they came."""

from collections.abc import Callable
from contextlib import suppress

from core.usage import TokenCounts
from core.verdict import Verdict
from gateway.dialects.renaming import Renaming
from gateway.dialects.spoken import Reader
from gateway.dialects.watching import Watching
from gateway.sse import data_of

Fail = Callable[[Verdict, TokenCounts], bytes]


class PassingReading(Watching):
    """The frame that ends the answer waits for the settlement. `fail` writes the end of one that has none."""

    def __init__(self, reader: Reader, rename: Renaming, fail: Fail, *, prompt_bytes: int) -> None:
        super().__init__(reader, prompt_bytes=prompt_bytes)
        self._rename = rename
        self._fail = fail
        self._last = b""

    def frame(self, frame: bytes) -> bytes:
        data = data_of(frame)
        if not data or self.is_complete or self.has_failed:
            return b""
        with suppress(ValueError):  # What we can't follow, the caller may: it speaks the same dialect.
            for _ in self._delivered.feed(data):
                pass
        if self.is_complete:
            self._last = self._rename(frame)
        return b"" if self.is_complete or self.has_failed else self._rename(frame)

    def whole(self, body: bytes) -> bytes:
        self._delivered.read(body)
        return self._rename(body)

    def last_frames(self) -> bytes:
        return self._last

    def failure(self, verdict: Verdict) -> bytes:
        return self._fail(verdict, self.counts())
