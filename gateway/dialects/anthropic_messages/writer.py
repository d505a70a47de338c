"""The answer: a message, whole or as events. Each frame names its event, without which the SDK sees nothing."""

import msgspec

from core.ids import uuid7
from core.usage import TokenCounts
from core.verdict import Verdict
from core.wire import ModelFacts
from gateway.dialects.anthropic_messages.usage import delta_usage_of, usage_of
from gateway.dialects.events import Answer, Block, Closed, End, Event, Kind, Opened
from gateway.dialects.spoken import Asked
from gateway.sse import named_frame
from gateway.surfaces.anthropic import ANTHROPIC

STOP_REASONS = {
    End.DONE: "end_turn",
    End.STOP_SEQUENCE: "stop_sequence",
    End.LENGTH: "max_tokens",
    End.TOOL: "tool_use",
    End.FILTERED: "refusal",
}
DELTAS = {
    Kind.TEXT: ("text_delta", "text"),
    Kind.REFUSAL: ("text_delta", "text"),
    Kind.THOUGHT: ("thinking_delta", "thinking"),
    Kind.TOOL: ("input_json_delta", "partial_json"),
}


class MessagesWriter:
    def __init__(self, asked: Asked, model: ModelFacts) -> None:  # noqa: ARG002 - its version changes nothing here
        self._model = model.slug
        self._id = f"msg_{uuid7().hex}"

    def begin(self, prompt: TokenCounts) -> bytes:
        message = self._message([], None, None, prompt)
        return named_frame({"type": "message_start", "message": message})

    def show(self, event: Event) -> bytes:
        index = event.block.index
        if isinstance(event, Opened):
            return named_frame({"type": "content_block_start", "index": index, "content_block": _empty(event.block)})
        if isinstance(event, Closed):
            return self._closed(event.block)
        kind, name = DELTAS[event.block.kind]
        delta = {"type": kind, name: event.text}
        return named_frame({"type": "content_block_delta", "index": index, "delta": delta})

    def end(self, answer: Answer, counts: TokenCounts) -> bytes:
        delta = {"stop_reason": _stop_reason(answer), "stop_sequence": answer.stop_sequence}
        last = named_frame({"type": "message_delta", "delta": delta, "usage": delta_usage_of(counts)})
        return last + named_frame({"type": "message_stop"})

    def fail(self, verdict: Verdict, answer: Answer, counts: TokenCounts) -> bytes:  # noqa: ARG002 - it has no usage
        error = {"type": ANTHROPIC.type_of(verdict), "message": verdict.message}
        return named_frame({"type": "error", "error": error})

    def whole(self, answer: Answer, counts: TokenCounts) -> bytes:
        content = [_whole(block) for block in answer.blocks]
        return msgspec.json.encode(self._message(content, _stop_reason(answer), answer.stop_sequence, counts))

    def _closed(self, block: Block) -> bytes:
        """A signature comes at the end of a thought."""
        last = named_frame({"type": "content_block_stop", "index": block.index})
        if block.kind != Kind.THOUGHT:
            return last
        delta = {"type": "signature_delta", "signature": block.seal}
        return named_frame({"type": "content_block_delta", "index": block.index, "delta": delta}) + last

    def _message(
        self, content: list[dict[str, object]], reason: str | None, sequence: str | None, counts: TokenCounts
    ) -> dict[str, object]:
        return {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._model,
            "content": content,
            "stop_reason": reason,
            "stop_sequence": sequence,
            "usage": usage_of(counts),
        }


def _stop_reason(answer: Answer) -> str:
    if any(block.kind == Kind.REFUSAL for block in answer.blocks):
        return "refusal"
    return STOP_REASONS[answer.end or End.DONE]


def _empty(block: Block) -> dict[str, object]:
    if block.kind == Kind.TOOL:
        return {"type": "tool_use", "id": block.call_id, "name": block.name, "input": {}}
    if block.kind == Kind.THOUGHT:
        return {"type": "thinking", "thinking": "", "signature": ""}
    return {"type": "text", "text": ""}


def _whole(block: Block) -> dict[str, object]:
    if block.kind == Kind.TOOL:
        return _empty(block) | {"input": _input_of(block.text)}
    signed = {"signature": block.seal} if block.kind == Kind.THOUGHT else {}
    return _empty(block) | {DELTAS[block.kind][1]: block.text} | signed


def _input_of(arguments: str) -> object:
    """A model that was cut off leaves half a JSON: it is shown as such, not as something that it didn't say."""
    try:
        return msgspec.json.decode(arguments or "{}", type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return {"INVALID_JSON": arguments}
