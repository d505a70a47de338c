"""An answer of an upstream that speaks another dialect than the caller: shown as the caller's writer makes of it."""

from collections.abc import Iterable

from core.verdict import Verdict
from gateway.dialects.events import Event
from gateway.dialects.spoken import Reader, Writer
from gateway.dialects.watching import Watching
from gateway.sse import data_of


class TranslatedReading(Watching):
    def __init__(self, reader: Reader, writer: Writer, *, prompt_bytes: int) -> None:
        super().__init__(reader, prompt_bytes=prompt_bytes)
        self._writer = writer
        self._has_begun = False

    def frame(self, frame: bytes) -> bytes:
        data = data_of(frame)
        if not data or self.is_complete or self.has_failed:
            return b""
        events = list(self._delivered.feed(data))
        return b"" if self.has_failed else self._begun() + self._shown(events)

    def whole(self, body: bytes) -> bytes:
        self._delivered.read(body)
        return self._writer.whole(self._reader.answer, self.counts())

    def last_frames(self) -> bytes:
        return self._begun() + self._shown(self._reader.close()) + self._writer.end(self._reader.answer, self.counts())

    def failure(self, verdict: Verdict) -> bytes:
        return self._begun() + self._writer.fail(verdict, self._reader.answer, self.counts())

    def _shown(self, events: Iterable[Event]) -> bytes:
        return b"".join([self._writer.show(event) for event in events])

    def _begun(self) -> bytes:
        if self._has_begun:
            return b""
        self._has_begun = True
        return self._writer.begin(self._delivered.prompt())
