"""Puts together what an upstream says: one block is open at a time, as every dialect but chat completions has it."""

from collections.abc import Iterator

from gateway.dialects.events import Answer, Block, Closed, End, Event, Grew, Kind, Opened
from gateway.dialects.seals import marked


class Blocks:
    """Raises ValueError where an upstream goes back to a block that has ended."""

    def __init__(self, made_by: str) -> None:
        self._made_by = made_by
        self.answer = Answer()
        self.open: Block | None = None

    def text(self, kind: Kind, text: str | None) -> Iterator[Event]:
        """More of a text, in a block of its own where another kind came before."""
        if text:
            if self.open is None or self.open.kind != kind:
                yield from self.begin(self.thought() if kind == Kind.THOUGHT else Block(kind, len(self.answer.blocks)))
            yield self._grown(text)

    def begin(self, block: Block) -> Iterator[Event]:
        yield from self.close()
        self.open = block
        self.answer.blocks.append(block)
        yield Opened(block)

    def thought(self, seal: str = "", id_: str = "") -> Block:
        """Even where its maker wants nothing back, it is marked as the maker's."""
        return Block(Kind.THOUGHT, len(self.answer.blocks), seal=marked(self._made_by, seal, id_))

    def tool(self, call_id: str, name: str) -> Block:
        """A call that has not begun."""
        return Block(Kind.TOOL, len(self.answer.blocks), call_id, name)

    def grow(self, block: Block, text: str | None) -> Iterator[Event]:
        if block is not self.open:
            raise ValueError(f"Block {block.index} goes on after another began.")
        if text:
            yield self._grown(text)

    def close(self) -> Iterator[Event]:
        block, self.open = self.open, None
        if block is not None:
            block.is_cut = self.answer.end == End.LENGTH
            yield Closed(block)

    def _grown(self, text: str) -> Grew:
        assert self.open is not None
        self.open.text += text
        return Grew(self.open, text)
