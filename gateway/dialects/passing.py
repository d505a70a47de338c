"""An answer of an upstream that speaks the caller's own dialect: its bytes go on as they came."""

from collections.abc import Callable

from core.usage import TokenCounts
from core.verdict import Verdict
from gateway.dialects.delivered import Delivered
from gateway.dialects.renaming import Renaming
from gateway.dialects.spoken import Reader
from gateway.sse import data_of

Fail = Callable[[Verdict, TokenCounts], bytes]


class PassingReading:
    """The frame that ends the answer waits for the settlement. `fail` writes the end of one that has none."""

    def __init__(self, reader: Reader, rename: Renaming, fail: Fail, *, prompt_bytes: int) -> None:
        self._reader = reader
        self._rename = rename
        self._fail = fail
        self._delivered = Delivered(reader, prompt_bytes)
        self._last = b""

    @property
    def is_complete(self) -> bool:
        return self._reader.is_complete

    @property
    def has_failed(self) -> bool:
        return self._reader.failed is not None

    @property
    def failed(self) -> Verdict | None:
        return self._reader.failed

    @property
    def service_tier(self) -> str | None:
        return self._reader.answer.service_tier

    @property
    def is_estimated(self) -> bool:
        return self._delivered.is_estimated

    def frame(self, frame: bytes) -> bytes:
        data = data_of(frame)
        if not data or self.is_complete or self.has_failed:
            return b""
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

    def counts(self) -> TokenCounts:
        return self._delivered.counts()
