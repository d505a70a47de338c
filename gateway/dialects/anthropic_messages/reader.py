"""Messages of an upstream, whole or as events, in the words that all dialects share."""

from collections.abc import Iterator

import msgspec

from core.usage import TokenCounts
from core.verdict import Verdict
from gateway.dialects import seals
from gateway.dialects.anthropic_messages.conversation import NAME, REDACTED
from gateway.dialects.anthropic_messages.usage import Usage, counts_of, prompt_of
from gateway.dialects.blocks import Blocks
from gateway.dialects.events import Answer, Block, End, Event, Kind
from gateway.dialects.fields import decoded
from gateway.dialects.upstream_errors import failure_named

ENDS = {
    "end_turn": End.DONE,
    "stop_sequence": End.STOP_SEQUENCE,
    "max_tokens": End.LENGTH,
    "model_context_window_exceeded": End.LENGTH,
    "tool_use": End.TOOL,
    "refusal": End.FILTERED,
}


class Content(msgspec.Struct):
    """A block, whole or as it begins."""

    type: str = ""
    text: str = ""
    thinking: str = ""
    signature: str = ""
    data: str = ""
    id: str = ""
    name: str = ""
    input: msgspec.Raw = msgspec.Raw(b"{}")


class Delta(msgspec.Struct):
    """Of a block, or of the message."""

    type: str = ""
    text: str = ""
    thinking: str = ""
    signature: str = ""
    partial_json: str = ""
    stop_reason: str | None = None
    stop_sequence: str | None = None


class Message(msgspec.Struct):
    type: str = ""
    content: list[Content] = []
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: Usage | None = None


class Problem(msgspec.Struct):
    type: str | None = None


class Happened(msgspec.Struct):
    """An event of a stream."""

    type: str = ""
    index: int = 0
    message: Message | None = None
    content_block: Content | None = None
    delta: Delta | None = None
    usage: Usage | None = None
    error: Problem | None = None


_EVENT = msgspec.json.Decoder(Happened)
_WHOLE = msgspec.json.Decoder(Message)


class MessagesReader:
    def __init__(self) -> None:
        self._blocks = Blocks(NAME)
        self._places: dict[int, Block] = {}
        self._usage = Usage()
        self.prompt: TokenCounts | None = None
        self.counts: TokenCounts | None = None
        self.is_complete = False
        self.failed: Verdict | None = None

    @property
    def answer(self) -> Answer:
        return self._blocks.answer

    def feed(self, data: bytes) -> Iterator[Event]:
        event = decoded(data, _EVENT)
        if event.type == "error":
            self.failed = failure_named(event.error and event.error.type)
        elif event.message is not None:
            self._begun(event.message)
        elif event.content_block is not None:
            yield from self._block_begun(event.index, event.content_block)
        elif event.delta is not None and event.type == "content_block_delta":
            yield from self._grown(event.index, event.delta)
        elif event.type == "message_delta":
            self._note(event.delta or Delta(), event.usage)
        self.is_complete = self.is_complete or event.type == "message_stop"

    def read(self, body: bytes) -> None:
        message = decoded(body, _WHOLE)
        if message.type != "message":
            raise ValueError("The model server answers with something that is no message.")
        for index, content in enumerate(message.content):
            for _ in self._block_begun(index, content):
                pass
        self._note(Delta(stop_reason=message.stop_reason, stop_sequence=message.stop_sequence), message.usage)
        for _ in self.close():
            pass
        self.is_complete = True

    def close(self) -> Iterator[Event]:
        return self._blocks.close()

    def _begun(self, message: Message) -> None:
        if message.usage is not None:
            self._usage = message.usage
            self.prompt = prompt_of(message.usage)
            self.answer.service_tier = message.usage.service_tier

    def _block_begun(self, index: int, content: Content) -> Iterator[Event]:
        """Blocks of kinds that no other dialect has say nothing there."""
        block = self._new(content)
        if block is None:
            return
        self._places[index] = block
        yield from self._blocks.begin(block)
        arguments = bytes(content.input).decode() if content.type == "tool_use" else ""
        yield from self._blocks.grow(block, content.text + content.thinking + (arguments if arguments != "{}" else ""))

    def _new(self, content: Content) -> Block | None:
        match content.type:
            case "text":
                return Block(Kind.TEXT, len(self.answer.blocks))
            case "thinking":
                return self._blocks.thought(content.signature)
            case "redacted_thinking":
                return self._blocks.thought(content.data, REDACTED)
            case "tool_use":
                return self._blocks.tool(content.id, content.name)
        return None

    def _grown(self, index: int, delta: Delta) -> Iterator[Event]:
        block = self._places.get(index)
        if block is None:
            return
        if delta.signature:
            block.seal = seals.marked(NAME, delta.signature)
        yield from self._blocks.grow(block, delta.text + delta.thinking + delta.partial_json)

    def _note(self, delta: Delta, usage: Usage | None) -> None:
        if delta.stop_reason is not None:
            self.answer.end = ENDS.get(delta.stop_reason, End.DONE)
            self.answer.stop_sequence = delta.stop_sequence
        if usage is not None:
            self._usage = usage.after(self._usage)
            self.counts = counts_of(self._usage)
            self.answer.service_tier = self._usage.service_tier
