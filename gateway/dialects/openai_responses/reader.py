"""Responses of an upstream, whole or as events, in the words that all dialects share."""

from collections.abc import Iterator
from typing import Any

import msgspec

from core.usage import TokenCounts
from core.verdict import Verdict
from gateway.dialects import seals
from gateway.dialects.blocks import Blocks
from gateway.dialects.events import Answer, Block, End, Event, Kind
from gateway.dialects.fields import decoded
from gateway.dialects.openai_responses.input import NAME
from gateway.dialects.openai_responses.usage import Usage, counts_of
from gateway.dialects.tiers import tier_of
from gateway.dialects.upstream_errors import failure_named

GROWS = {
    "response.output_text.delta": Kind.TEXT,
    "response.refusal.delta": Kind.REFUSAL,
    "response.reasoning_text.delta": Kind.THOUGHT,
    "response.reasoning_summary_text.delta": Kind.THOUGHT,
}
# The caller gets these in our own words, in their place.
FAILED = frozenset({"error", "response.failed"})
ENDED = frozenset({"response.completed", "response.incomplete"})
REASONS = {"max_output_tokens": End.LENGTH, "content_filter": End.FILTERED}
PARAGRAPH = "\n\n"


class Part(msgspec.Struct):
    type: str = ""
    text: str = ""
    refusal: str = ""


class Item(msgspec.Struct):
    type: str = ""
    id: str | None = None
    call_id: str = ""
    name: str = ""
    arguments: str = ""
    content: list[Part] | None = None
    summary: list[Part] | None = None
    encrypted_content: str | None = None


class Details(msgspec.Struct):
    reason: str | None = None


class Problem(msgspec.Struct):
    code: Any = None
    type: Any = None


class Response(msgspec.Struct):
    id: str = ""
    status: str | None = None
    output: list[Item] = []
    usage: Usage | None = None
    service_tier: str | None = None
    error: Problem | None = None
    incomplete_details: Details | None = None


class Happened(msgspec.Struct):
    """An event of a stream."""

    type: str = ""
    sequence_number: int = 0
    output_index: int = 0
    summary_index: int = 0
    delta: Any = None
    item: Item | None = None
    response: Response | None = None
    error: Problem | None = None
    code: Any = None


_EVENT = msgspec.json.Decoder(Happened)
_WHOLE = msgspec.json.Decoder(Response)


class ResponsesReader:
    prompt: TokenCounts | None = None

    def __init__(self) -> None:
        self._blocks = Blocks(NAME)
        self._items: dict[int, Block] = {}
        self.response = ""
        self.sequence = 0
        self.counts: TokenCounts | None = None
        self.is_complete = False
        self.failed: Verdict | None = None

    @property
    def answer(self) -> Answer:
        return self._blocks.answer

    def feed(self, data: bytes) -> Iterator[Event]:
        if data == b"[DONE]":
            return
        event = decoded(data, _EVENT)
        self.sequence = event.sequence_number + (event.type not in FAILED)
        if event.type in GROWS and isinstance(event.delta, str):
            yield from self._grown(event, GROWS[event.type], event.delta)
        elif event.type == "response.function_call_arguments.delta" and event.output_index in self._items:
            yield from self._blocks.grow(self._items[event.output_index], event.delta)
        elif event.type == "response.reasoning_summary_part.added" and event.summary_index:
            yield from self._blocks.text(Kind.THOUGHT, PARAGRAPH)
        elif event.item is not None:
            yield from self._item(event)
        elif event.response is not None:
            yield from self._response(event.type, event.response)
        elif event.type == "error":
            problem = event.error or Problem()
            self.failed = failure_named(event.code, problem.code, problem.type)

    def read(self, body: bytes) -> None:
        response = decoded(body, _WHOLE)
        if response.error is not None or response.status not in ("completed", "incomplete"):
            raise ValueError("The model server answers with an error.")
        for index, item in enumerate(response.output):
            for _ in self._whole_item(index, item):
                pass
        self._note(response)
        for _ in self.close():
            pass
        self.is_complete = True

    def close(self) -> Iterator[Event]:
        return self._blocks.close()

    def _grown(self, event: Happened, kind: Kind, text: str) -> Iterator[Event]:
        """An item may be announced before it says anything; one that isn't begins with its first words."""
        yield from self._blocks.text(kind, text)
        if self._blocks.open is not None:
            self._items.setdefault(event.output_index, self._blocks.open)

    def _item(self, event: Happened) -> Iterator[Event]:
        assert event.item is not None
        if event.type == "response.output_item.added":
            yield from self._begun(event.output_index, event.item)
        elif event.type == "response.output_item.done":
            yield from self._sealed(event.output_index, event.item)

    def _begun(self, index: int, item: Item) -> Iterator[Event]:
        if item.type == "function_call":
            block = self._blocks.tool(item.call_id, item.name)
            self._items[index] = block
            yield from self._blocks.begin(block)
            yield from self._blocks.grow(block, item.arguments)
        else:
            yield from self._blocks.close()

    def _sealed(self, index: int, item: Item) -> Iterator[Event]:
        """What is encrypted is whole only when the item is done; an item may be nothing else."""
        if item.type != "reasoning" or not item.encrypted_content:
            return
        block = self._items.get(index)
        if block is None:
            block = self._blocks.thought()
            yield from self._blocks.begin(block)
        block.seal = seals.marked(NAME, item.encrypted_content, item.id or "")

    def _whole_item(self, index: int, item: Item) -> Iterator[Event]:
        yield from self._begun(index, item)
        if item.type == "reasoning":
            parts = item.summary or item.content or []
            yield from self._blocks.text(Kind.THOUGHT, PARAGRAPH.join(part.text for part in parts))
            if self._blocks.open is not None:
                self._items[index] = self._blocks.open
            yield from self._sealed(index, item)
        elif item.type == "message":
            for part in item.content or ():
                yield from self._blocks.text(Kind.TEXT, part.text)
                yield from self._blocks.text(Kind.REFUSAL, part.refusal)

    def _response(self, type_: str, response: Response) -> Iterator[Event]:
        self.response = response.id
        if type_ == "response.failed":
            problem = response.error or Problem()
            self.failed = failure_named(problem.code, problem.type)
        if response.usage is not None:
            self.counts = counts_of(response.usage)
        if type_ in ENDED:
            self._note(response)
            self.is_complete = True
        yield from ()

    def _note(self, response: Response) -> None:
        if response.usage is not None:
            self.counts = counts_of(response.usage)
        self.answer.service_tier = tier_of(response.service_tier)
        reason = response.incomplete_details and response.incomplete_details.reason
        calls = any(block.kind == Kind.TOOL for block in self.answer.blocks)
        self.answer.end = REASONS.get(reason or "", End.TOOL if calls else End.DONE)
