"""Chat completions of an upstream, whole or in chunks, in the words that all dialects share."""

from collections.abc import Iterator
from typing import Any

import msgspec

from core.usage import TokenCounts
from core.verdict import Verdict
from gateway.dialects.blocks import Blocks
from gateway.dialects.events import Answer, Block, End, Event, Kind
from gateway.dialects.fields import decoded
from gateway.dialects.openai_chat.usage import Usage, counts_of
from gateway.dialects.tiers import tier_of
from gateway.dialects.upstream_errors import failure_named

NAME = "openai_chat"
ENDS = {
    "stop": End.DONE,
    "length": End.LENGTH,
    "tool_calls": End.TOOL,
    "function_call": End.TOOL,
    "content_filter": End.FILTERED,
}


class Function(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class ToolCall(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: Function | None = None


class Said(msgspec.Struct):
    """A delta or a message. Thoughts have two names among model servers."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] | None = None


class Choice(msgspec.Struct):
    """`stop_reason` is what some model servers add: the stop sequence that was met."""

    delta: Said | None = None
    message: Said | None = None
    finish_reason: str | None = None
    stop_reason: Any = None


class Chunk(msgspec.Struct):
    choices: list[Choice] = []
    usage: Usage | None = None
    service_tier: str | None = None
    error: Any = None


_DECODER = msgspec.json.Decoder(Chunk)


class ChatReader:
    """Reads one answer of one choice."""

    prompt: TokenCounts | None = None

    def __init__(self) -> None:
        self._blocks = Blocks(NAME)
        self._tools: dict[int, Block] = {}
        self.counts: TokenCounts | None = None
        self.is_complete = False
        self.failed: Verdict | None = None

    @property
    def answer(self) -> Answer:
        return self._blocks.answer

    def feed(self, data: bytes) -> Iterator[Event]:
        if data == b"[DONE]":
            self.is_complete = True
            return
        chunk = decoded(data, _DECODER)
        if chunk.error is not None:
            error = chunk.error if isinstance(chunk.error, dict) else {}
            self.failed = failure_named(error.get("type"), error.get("code"))
            return
        if chunk.usage is not None:
            self.counts = counts_of(chunk.usage)
        self.answer.service_tier = tier_of(chunk.service_tier) or self.answer.service_tier
        for choice in chunk.choices[:1]:
            yield from self._said(choice.delta or choice.message or Said())
            self._note_end(choice)

    def read(self, body: bytes) -> None:
        for _ in (*self.feed(body), *self.close()):
            pass
        if self.failed is not None:
            raise ValueError("The model server answers with an error.")
        self.is_complete = True

    def close(self) -> Iterator[Event]:
        return self._blocks.close()

    def _said(self, said: Said) -> Iterator[Event]:
        yield from self._blocks.text(Kind.THOUGHT, said.reasoning_content or said.reasoning)
        yield from self._blocks.text(Kind.TEXT, said.content)
        yield from self._blocks.text(Kind.REFUSAL, said.refusal)
        for place, call in enumerate(said.tool_calls or ()):
            yield from self._tool(place if call.index is None else call.index, call)

    def _tool(self, index: int, call: ToolCall) -> Iterator[Event]:
        function = call.function or Function()
        block = self._tools.get(index)
        if block is None:
            block = self._blocks.tool(call.id or f"call_{index}", function.name or "")
            self._tools[index] = block
            yield from self._blocks.begin(block)
        yield from self._blocks.grow(block, function.arguments)

    def _note_end(self, choice: Choice) -> None:
        if choice.finish_reason is None:
            return
        self.answer.end = ENDS.get(choice.finish_reason, End.DONE)
        if self.answer.end == End.DONE and self._tools:  # Some model servers say "stop" after calls, too.
            self.answer.end = End.TOOL
        elif self.answer.end == End.DONE and isinstance(choice.stop_reason, str):
            self.answer.end, self.answer.stop_sequence = End.STOP_SEQUENCE, choice.stop_reason
