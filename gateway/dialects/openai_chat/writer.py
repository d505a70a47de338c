"""The answer: a chat completion, whole or in chunks. Thoughts are `reasoning_content`, as model servers have it."""

import time

import msgspec

from core.ids import uuid7
from core.usage import TokenCounts
from core.verdict import Verdict
from core.wire import ModelFacts
from gateway.dialects.events import Answer, Block, Closed, End, Event, Kind, Opened
from gateway.dialects.openai_chat.usage import usage_of
from gateway.dialects.spoken import Asked
from gateway.dialects.tiers import in_openais_words
from gateway.refusals import stream_frame
from gateway.sse import DONE, frame_of

FINISH_REASONS = {
    End.DONE: "stop",
    End.STOP_SEQUENCE: "stop",
    End.LENGTH: "length",
    End.TOOL: "tool_calls",
    End.FILTERED: "content_filter",
}
FIELDS = {Kind.TEXT: "content", Kind.REFUSAL: "refusal", Kind.THOUGHT: "reasoning_content"}


class ChatWriter:
    def __init__(self, asked: Asked, model: ModelFacts) -> None:
        self._shows_usage = asked.shows_usage
        self._calls: list[Block] = []
        self._envelope = {"id": f"chatcmpl-{uuid7().hex}", "created": int(time.time()), "model": model.slug}

    def begin(self, prompt: TokenCounts) -> bytes:  # noqa: ARG002 - usage is told at the end alone
        return self._chunk({"role": "assistant", "content": ""})

    def show(self, event: Event) -> bytes:
        if isinstance(event, Closed):
            return b""
        block = event.block
        if isinstance(event, Opened):
            return self._call_begun(block) if block.kind == Kind.TOOL else b""
        if block.kind == Kind.TOOL:
            return self._call({"index": self._calls.index(block), "function": {"arguments": event.text}})
        return self._chunk({FIELDS[block.kind]: event.text})

    def end(self, answer: Answer, counts: TokenCounts) -> bytes:
        told = in_openais_words(answer.service_tier)
        last = self._chunk({}, reason=_finish_reason(answer), **told)
        if self._shows_usage:
            last += self._frame({"choices": [], "usage": usage_of(counts)} | told)
        return last + DONE

    def fail(self, verdict: Verdict, answer: Answer, counts: TokenCounts) -> bytes:  # noqa: ARG002 - it tells none
        return stream_frame(verdict)

    def whole(self, answer: Answer, counts: TokenCounts) -> bytes:
        choice = {"index": 0, "message": _message(answer), "logprobs": None, "finish_reason": _finish_reason(answer)}
        whole: dict[str, object] = {"object": "chat.completion", "choices": [choice], "usage": usage_of(counts)}
        return msgspec.json.encode(self._envelope | whole | in_openais_words(answer.service_tier))

    def _call_begun(self, block: Block) -> bytes:
        self._calls.append(block)
        call: dict[str, object] = {"index": len(self._calls) - 1, "id": block.call_id, "type": "function"}
        return self._call(call | {"function": {"name": block.name, "arguments": ""}})

    def _call(self, call: dict[str, object]) -> bytes:
        return self._chunk({"tool_calls": [call]})

    def _chunk(self, delta: dict[str, object], *, reason: str | None = None, **told: object) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        usage: dict[str, object] = {"usage": None} if self._shows_usage else {}
        return self._frame({"choices": [choice]} | usage | told)

    def _frame(self, said: dict[str, object]) -> bytes:
        return frame_of(msgspec.json.encode(self._envelope | {"object": "chat.completion.chunk"} | said))


def _finish_reason(answer: Answer) -> str:
    return FINISH_REASONS[answer.end or End.DONE]


def _message(answer: Answer) -> dict[str, object]:
    message: dict[str, object] = {"role": "assistant", "content": _text(answer, Kind.TEXT)}
    message["refusal"] = _text(answer, Kind.REFUSAL)
    thought = _text(answer, Kind.THOUGHT)
    calls = [_whole_call(block) for block in answer.blocks if block.kind == Kind.TOOL]
    return message | ({"reasoning_content": thought} if thought else {}) | ({"tool_calls": calls} if calls else {})


def _text(answer: Answer, kind: Kind) -> str | None:
    said = [block.text for block in answer.blocks if block.kind == kind]
    return "".join(said) if said else None


def _whole_call(block: Block) -> dict[str, object]:
    function = {"name": block.name, "arguments": block.text}
    return {"id": block.call_id, "type": "function", "function": function}
