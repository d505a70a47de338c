"""One dialect, as callers speak it and as upstreams do. `registry.py` names all that there are."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

from core.usage import TokenCounts
from core.verdict import Verdict
from core.wire import ModelFacts
from gateway.dialects.conversation import Conversation
from gateway.dialects.dialect import Reading
from gateway.dialects.events import Answer, Event
from gateway.dialects.fields import RawFields
from gateway.dialects.options import Names, Option
from gateway.dialects.renaming import Renaming


class Asked(msgspec.Struct, frozen=True):
    """What the gateway itself must know of a request; `raw` has every field as it was written."""

    model: str
    raw: RawFields
    body: bytes
    is_stream: bool = False
    bounds: tuple[tuple[str, int], ...] = ()  # fields that bound the output, by name
    answers: int = 1  # how many are asked for
    customer: str | None = None
    service_tier: str | None = None
    shows_usage: bool = False  # in a stream
    version: str = ""  # of the dialect, where callers name one


class Writer(Protocol):
    """Writes one answer to a caller."""

    def begin(self, prompt: TokenCounts) -> bytes:
        """The first frames. `prompt` is what is known by then, at worst the estimate: exact counts come at the end."""

    def show(self, event: Event) -> bytes: ...
    def end(self, answer: Answer, counts: TokenCounts) -> bytes:
        """The last frames, with exact counts."""

    def fail(self, verdict: Verdict, answer: Answer, counts: TokenCounts) -> bytes: ...
    def whole(self, answer: Answer, counts: TokenCounts) -> bytes: ...


class Reader(Protocol):
    """Reads one answer of an upstream."""

    @property
    def answer(self) -> Answer:
        """What was said so far."""

    @property
    def prompt(self) -> TokenCounts | None:
        """The input alone, where the upstream counts it before it answers."""

    @property
    def counts(self) -> TokenCounts | None:
        """Everything that was used, once the upstream has said so."""

    @property
    def is_complete(self) -> bool: ...
    @property
    def failed(self) -> Verdict | None: ...
    def feed(self, data: bytes) -> Iterator[Event]:
        """Answer what one frame's payload says. Raises ValueError where it says what it may not."""

    def close(self) -> Iterator[Event]:
        """Close the block that is still open."""

    def read(self, body: bytes) -> None:
        """Read a whole answer. Raises ValueError where it is none."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """`dropped` options are hints that an upstream of it is not told; those without a name here are refused.

    `prompt_fields` are what the model reads of a body. `preamble` is the most tokens that servers add of themselves.
    `count_path` is where its servers count a prompt; `count_fields` are what they take there.
    """

    name: str
    path: str
    names: Names
    prompt_fields: tuple[str, ...]
    read: Callable[[bytes, str, bool], Asked]  # body, version, whether it is only to be counted
    conversation: Callable[[Asked], Conversation]
    writer: Callable[[Asked, ModelFacts], Writer]
    body: Callable[[Conversation, Asked, int], dict[str, object]]  # the last is the bound on the output
    reader: Callable[[], Reader]
    passed_on: Callable[[Asked, ModelFacts], RawFields]
    passing: Callable[[Asked, ModelFacts, Renaming, int], Reading]  # the last is the prompt's bytes
    headers: Callable[[Asked], Mapping[str, str]] = lambda _: {}
    dropped: frozenset[Option] = frozenset()
    preamble: int = 0
    count_path: str = ""
    count_fields: frozenset[str] = frozenset()
