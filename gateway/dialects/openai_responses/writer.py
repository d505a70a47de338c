"""The answer: a response, whole or as numbered events, of which `response.created` is the first."""

import time

import msgspec

from core.ids import uuid7
from core.usage import TokenCounts
from core.verdict import Verdict
from core.wire import ModelFacts
from gateway.dialects.events import Answer, Block, Closed, End, Event, Kind, Opened
from gateway.dialects.openai_responses.envelope import envelope_of
from gateway.dialects.openai_responses.output import item_id, item_of, part_of
from gateway.dialects.openai_responses.usage import usage_of
from gateway.dialects.spoken import Asked
from gateway.dialects.tiers import in_openais_words
from gateway.sse import named_frame

INCOMPLETE = {End.LENGTH: "max_output_tokens", End.FILTERED: "content_filter"}
# What grows, by kind: the event's stem, and the name under which its end carries the whole.
GROWING = {
    Kind.TEXT: ("response.output_text", "text"),
    Kind.REFUSAL: ("response.refusal", "refusal"),
    Kind.THOUGHT: ("response.reasoning_text", "text"),
    Kind.TOOL: ("response.function_call_arguments", "arguments"),
}


class ResponsesWriter:
    def __init__(self, asked: Asked, model: ModelFacts) -> None:
        self._id = uuid7().hex
        self._sequence = 0
        self._envelope = envelope_of(asked.raw, model) | {"id": f"resp_{self._id}", "created_at": int(time.time())}

    def continue_from(self, response: str, sequence: int) -> None:
        """Go on with what an upstream has begun."""
        self._envelope["id"], self._sequence = response or self._envelope["id"], sequence

    def begin(self, prompt: TokenCounts) -> bytes:  # noqa: ARG002 - usage is told at the end alone
        response = self._response("in_progress", [])
        return b"".join(
            [self._frame("response.created", response=response), self._frame("response.in_progress", response=response)]
        )

    def show(self, event: Event) -> bytes:
        if isinstance(event, Opened):
            return self._opened(event.block)
        if isinstance(event, Closed):
            return self._closed(event.block)
        stem = GROWING[event.block.kind][0]
        extra: dict[str, object] = {"logprobs": []} if event.block.kind == Kind.TEXT else {}
        return self._frame(f"{stem}.delta", **self._place(event.block), delta=event.text, **extra)

    def end(self, answer: Answer, counts: TokenCounts) -> bytes:
        response = self._ended(answer, counts)
        return self._frame(f"response.{response['status']}", response=response)

    def fail(self, verdict: Verdict, answer: Answer, counts: TokenCounts) -> bytes:
        """SDKs raise neither event: the second is the terminal one that callers look at."""
        error = {"code": "server_error", "message": verdict.message}
        said = self._output(answer, status="incomplete")
        response = self._response("failed", said, error=error, usage=usage_of(counts))
        first = self._frame("error", code=verdict.code.value, message=verdict.message, param=verdict.param)
        return first + self._frame("response.failed", response=response)

    def whole(self, answer: Answer, counts: TokenCounts) -> bytes:
        return msgspec.json.encode(self._ended(answer, counts))

    def _opened(self, block: Block) -> bytes:
        item = item_of(block, self._id, status="in_progress")
        added = self._frame("response.output_item.added", output_index=block.index, item=item)
        if block.kind == Kind.TOOL:
            return added
        return added + self._frame("response.content_part.added", **self._place(block), part=part_of(block, ""))

    def _closed(self, block: Block) -> bytes:
        stem, name = GROWING[block.kind]
        extra: dict[str, object] = {"name": block.name} if block.kind == Kind.TOOL else {}
        extra |= {"logprobs": []} if block.kind == Kind.TEXT else {}
        done = self._frame(f"{stem}.done", **self._place(block), **{name: block.text}, **extra)
        if block.kind != Kind.TOOL:
            done += self._frame("response.content_part.done", **self._place(block), part=part_of(block))
        item = item_of(block, self._id, status="completed")
        return done + self._frame("response.output_item.done", output_index=block.index, item=item)

    def _place(self, block: Block) -> dict[str, object]:
        place: dict[str, object] = {"item_id": item_id(block, self._id), "output_index": block.index}
        return place if block.kind == Kind.TOOL else place | {"content_index": 0}

    def _ended(self, answer: Answer, counts: TokenCounts) -> dict[str, object]:
        reason = INCOMPLETE.get(answer.end or End.DONE)
        status = "incomplete" if reason else "completed"
        told: dict[str, object] = {"incomplete_details": {"reason": reason}} if reason else {}
        if not reason:
            told["completed_at"] = int(time.time())
        told |= in_openais_words(answer.service_tier)
        return self._response(status, self._output(answer, status="completed"), usage=usage_of(counts), **told)

    def _output(self, answer: Answer, *, status: str) -> list[dict[str, object]]:
        return [item_of(block, self._id, status=status) for block in answer.blocks]

    def _response(self, status: str, output: list[dict[str, object]], **told: object) -> dict[str, object]:
        return self._envelope | {"status": status, "output": output} | told

    def _frame(self, type_: str, **told: object) -> bytes:
        frame = named_frame({"type": type_, "sequence_number": self._sequence, **told})
        self._sequence += 1
        return frame
