"""What was used, by what was delivered: the published rule where an upstream dies, or never counts."""

from collections.abc import Iterator
from dataclasses import replace

from core.usage import TokenCounts
from gateway.dialects.events import Event, Grew, Kind
from gateway.dialects.spoken import Reader
from gateway.estimate import tokens_of_bytes


class Delivered:
    """Each delta delivered counts as one output token (never more than it made), a whole text as a token for four
    bytes, and the prompt, unless it was counted, as a token for four bytes.
    """

    def __init__(self, reader: Reader, prompt_bytes: int) -> None:
        self._reader = reader
        self._prompt_bytes = prompt_bytes
        self._said = 0
        self._thought = 0

    def feed(self, data: bytes) -> Iterator[Event]:
        for event in self._reader.feed(data):
            if isinstance(event, Grew):
                self._count(event.block.kind, 1)
            yield event

    def read(self, body: bytes) -> None:
        """Raises ValueError."""
        self._reader.read(body)
        answer = self._reader.answer
        if answer.end is None and not answer.blocks:
            raise ValueError("The model server's answer says nothing.")
        for block in answer.blocks:
            self._count(block.kind, tokens_of_bytes(len(block.text.encode())))

    @property
    def is_estimated(self) -> bool:
        return self._reader.counts is None

    def prompt(self) -> TokenCounts:
        return self._reader.prompt or TokenCounts(input=tokens_of_bytes(self._prompt_bytes), requests=1)

    def counts(self) -> TokenCounts:
        return self._reader.counts or replace(self.prompt(), output=self._said, reasoning=self._thought)

    def _count(self, kind: Kind, tokens: int) -> None:
        if kind == Kind.THOUGHT:
            self._thought += tokens
        else:
            self._said += tokens
