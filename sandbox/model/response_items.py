"""The output items of the Responses format: a thought that is shown, a message, calls of functions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.model.generation import Generation

Part = Callable[[str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Item:
    """`kind` begins its events' names, `said_as` names the text in the last of them; `part` wraps a part's text."""

    empty: dict[str, Any]
    whole: dict[str, Any]
    pieces: list[str]
    kind: str
    said_as: str
    place: dict[str, Any] = field(default_factory=dict)
    part: Part | None = None
    part_kind: str = ""


def items_of(generation: Generation) -> Iterator[Item]:
    own = generation.id.removeprefix("chatcmpl-")
    if generation.shown_thought:
        yield _thought(f"rs_{own}", generation.shown_thought)
    if generation.emitted or not generation.calls:
        yield _message(f"msg_{own}", generation.emitted, is_cut=generation.finish_reason == "length")
    for call in generation.calls:
        told = {"id": call.id.replace("call_", "fc_"), "type": "function_call", "call_id": call.id, "name": call.name}
        yield Item(
            told | {"arguments": "", "status": "in_progress"},
            told | {"arguments": "".join(call.pieces), "status": "completed"},
            call.pieces,
            "response.function_call_arguments",
            "arguments",
        )


def _thought(id_: str, pieces: list[str]) -> Item:
    def part(text: str) -> dict[str, Any]:
        return {"type": "summary_text", "text": text}

    told = {"id": id_, "type": "reasoning"}
    return Item(
        told | {"summary": []},
        told | {"summary": [part("".join(pieces))]},
        pieces,
        "response.reasoning_summary_text",
        "text",
        {"summary_index": 0},
        part,
        "response.reasoning_summary_part",
    )


def _message(id_: str, pieces: list[str], *, is_cut: bool) -> Item:
    def part(text: str) -> dict[str, Any]:
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}

    told = {"id": id_, "type": "message", "role": "assistant"}
    return Item(
        told | {"status": "in_progress", "content": []},
        told | {"status": "incomplete" if is_cut else "completed", "content": [part("".join(pieces))]},
        pieces,
        "response.output_text",
        "text",
        {"content_index": 0},
        part,
        "response.content_part",
    )
