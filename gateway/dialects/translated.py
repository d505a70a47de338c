"""A request of a dialect that the model server doesn't speak: sent as a chat completion, answered as was asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec

from core.usage import TokenCounts
from core.verdict import Verdict
from core.wire import ModelFacts, UpstreamFacts
from gateway.dialects.chat_events import ChatEvents
from gateway.dialects.dialect import Forwarded
from gateway.dialects.events import Answer, Event
from gateway.dialects.fields import FieldRefused
from gateway.dialects.openai_chat import ChatRequest, read_chat
from gateway.dialects.openai_chat_reading import ChatReading
from gateway.sse import data_of


class Writer(Protocol):
    """Writes one answer in a dialect."""

    def begin(self, prompt: TokenCounts) -> bytes:
        """The first frames. `prompt` is the estimate: the exact counts come at the end."""

    def show(self, event: Event) -> bytes: ...
    def end(self, answer: Answer, counts: TokenCounts) -> bytes:
        """The last frames, with exact counts."""

    def fail(self, verdict: Verdict, answer: Answer, counts: TokenCounts) -> bytes: ...
    def whole(self, answer: Answer, counts: TokenCounts) -> bytes: ...


@dataclass(frozen=True, slots=True)
class TranslatedRequest:
    """`chat` is what the model server gets, before its name and bounds are put in."""

    chat: ChatRequest
    writer: Callable[[ModelFacts], Writer]
    renamed: Mapping[str, str]

    kind = "chat"

    @property
    def model(self) -> str:
        return self.chat.model

    @property
    def is_stream(self) -> bool:
        return self.chat.is_stream

    @property
    def customer(self) -> str | None:
        return self.chat.customer

    @property
    def service_tier(self) -> str | None:
        return self.chat.service_tier

    @property
    def prompt_bytes(self) -> int:
        return self.chat.prompt_bytes

    def measured(self, model: ModelFacts) -> bytes:
        return self.chat.measured(model)

    def most_output(self, model: ModelFacts) -> int:
        try:
            return self.chat.most_output(model)
        except FieldRefused as refused:
            raise in_the_callers_words(refused, self.renamed) from None

    def forward(self, model: ModelFacts, upstream: UpstreamFacts) -> Forwarded:
        sent = self.chat.forward(model, upstream)
        reading = TranslatedReading(self.chat.reading(model, upstream), self.writer(model))
        return replace(sent, reading=reading, renamed=self.renamed)


class TranslatedReading:
    """Counts as a chat completion is counted, and shows what the dialect's writer makes of it."""

    def __init__(self, counting: ChatReading, writer: Writer) -> None:
        self._counting = counting
        self._writer = writer
        self._events = ChatEvents()
        self._has_begun = False

    @property
    def is_complete(self) -> bool:
        return self._counting.is_complete

    @property
    def has_failed(self) -> bool:
        return self._counting.has_failed

    @property
    def is_estimated(self) -> bool:
        return self._counting.is_estimated

    def frame(self, frame: bytes) -> bytes:
        self._counting.frame(frame)
        data = data_of(frame)
        if not data or self.is_complete or self.has_failed:
            return b""
        begun = self._begun()
        return begun + b"".join([self._writer.show(event) for event in self._events.feed(data)])

    def whole(self, body: bytes) -> bytes:
        self._counting.whole(body)
        for _ in (*self._events.feed(body), *self._events.close()):
            pass
        if self._events.answer.end is None and not self._events.answer.blocks:
            raise ValueError("The model server's answer says nothing.")
        return self._writer.whole(self._events.answer, self.counts())

    def last_frames(self) -> bytes:
        closing = b"".join([self._writer.show(event) for event in self._events.close()])
        return self._begun() + closing + self._writer.end(self._events.answer, self.counts())

    def failure(self, verdict: Verdict) -> bytes:
        return self._begun() + self._writer.fail(verdict, self._events.answer, self.counts())

    def counts(self) -> TokenCounts:
        return self._counting.counts()

    def _begun(self) -> bytes:
        if self._has_begun:
            return b""
        self._has_begun = True
        return self._writer.begin(self.counts())


def translated(
    chat: Mapping[str, object], *, writer: Callable[[ModelFacts], Writer], renamed: Mapping[str, str]
) -> TranslatedRequest:
    """Raises `FieldRefused`, in the caller's own words for the fields."""
    body = msgspec.json.encode({name: value for name, value in chat.items() if value is not None})
    try:
        return TranslatedRequest(read_chat(body), writer, renamed)
    except FieldRefused as refused:
        raise in_the_callers_words(refused, renamed) from None


def in_the_callers_words(refused: FieldRefused, renamed: Mapping[str, str]) -> FieldRefused:
    param, text = refused.param, str(refused)
    if param is None or param not in renamed:
        return refused
    return FieldRefused(text.replace(param, renamed[param]), param=renamed[param])
