"""The vocabulary between dialects: what a model says, as blocks that open, grow and close one after the other."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    TEXT = "text"
    THOUGHT = "thought"
    REFUSAL = "refusal"
    TOOL = "tool"


class End(StrEnum):
    """Why the model stopped."""

    DONE = "done"
    STOP_SEQUENCE = "stop_sequence"
    LENGTH = "length"
    TOOL = "tool"
    FILTERED = "filtered"


@dataclass(slots=True, eq=False)
class Block:
    """A part of an answer, in full as far as it has come. `text` of a tool call is its arguments, as JSON.

    `seal` belongs to a thought: what its maker wants back in the next turn, marked. It is there when the block closes.
    """

    kind: Kind
    index: int
    call_id: str = ""
    name: str = ""
    text: str = ""
    is_cut: bool = False  # the answer's bound was met in the middle of it
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    block: Block


@dataclass(frozen=True, slots=True)
class Grew:
    """`text` has been added to the block."""

    block: Block
    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    block: Block


Event = Opened | Grew | Closed


@dataclass(slots=True)
class Answer:
    """Everything that was said, and why it ended; None while it has not."""

    blocks: list[Block] = field(default_factory=list)
    end: End | None = None
    stop_sequence: str | None = None
    service_tier: str | None = None
