"""From chat completions, whole or in chunks, to the events that all dialects share."""

from collections.abc import Iterator
from typing import Any

import msgspec

from gateway.dialects.events import Answer, Block, Closed, End, Event, Grew, Kind, Opened

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
    service_tier: str | None = None


_DECODER = msgspec.json.Decoder(Chunk)


class ChatEvents:
    """Reads one answer of one choice. Raises ValueError where a model server says what it may not."""

    def __init__(self) -> None:
        self.answer = Answer()
        self._open: Block | None = None
        self._tools: dict[int, Block] = {}

    def feed(self, data: bytes) -> Iterator[Event]:
        """Answer what a chunk, or a whole completion, says."""
        try:
            chunk = _DECODER.decode(data)
        except msgspec.DecodeError as error:
            raise ValueError(str(error)) from None
        self.answer.service_tier = chunk.service_tier or self.answer.service_tier
        for choice in chunk.choices[:1]:
            yield from self._said(choice.delta or choice.message or Said())
            self._note_end(choice)

    def close(self) -> Iterator[Event]:
        """Close the block that is still open."""
        block, self._open = self._open, None
        if block is not None:
            block.is_cut = self.answer.end == End.LENGTH
            yield Closed(block)

    def _said(self, said: Said) -> Iterator[Event]:
        yield from self._text(Kind.THOUGHT, said.reasoning_content or said.reasoning)
        yield from self._text(Kind.TEXT, said.content)
        yield from self._text(Kind.REFUSAL, said.refusal)
        for place, call in enumerate(said.tool_calls or ()):
            yield from self._tool(place if call.index is None else call.index, call)

    def _text(self, kind: Kind, text: str | None) -> Iterator[Event]:
        if text:
            if self._open is None or self._open.kind != kind:
                yield from self._opened(Block(kind, len(self.answer.blocks)))
            yield self._grown(text)

    def _tool(self, index: int, call: ToolCall) -> Iterator[Event]:
        function = call.function or Function()
        block = self._tools.get(index)
        if block is None:
            block = Block(Kind.TOOL, len(self.answer.blocks), call.id or f"call_{index}", function.name or "")
            self._tools[index] = block
            yield from self._opened(block)
        if block is not self._open:
            raise ValueError(f"Tool call {index} goes on after another began.")
        if function.arguments:
            yield self._grown(function.arguments)

    def _opened(self, block: Block) -> Iterator[Event]:
        yield from self.close()
        self._open = block
        self.answer.blocks.append(block)
        yield Opened(block)

    def _grown(self, text: str) -> Grew:
        assert self._open is not None
        self._open.text += text
        return Grew(self._open, text)

    def _note_end(self, choice: Choice) -> None:
        if choice.finish_reason is None:
            return
        self.answer.end = ENDS.get(choice.finish_reason, End.DONE)
        if self.answer.end == End.DONE and self._tools:  # Some model servers say "stop" after calls, too.
            self.answer.end = End.TOOL
        elif self.answer.end == End.DONE and isinstance(choice.stop_reason, str):
            self.answer.end, self.answer.stop_sequence = End.STOP_SEQUENCE, choice.stop_reason
