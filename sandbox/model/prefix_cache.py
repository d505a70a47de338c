"""Prompt caching as model servers bill it: a known prefix of 1,024 tokens or more is cached, in steps of 128."""

import hashlib
from collections import OrderedDict
from itertools import pairwise

FIRST = 1024
STEP = 128
REMEMBERED = 20_000


class PrefixCache:
    """Remembers the prefixes of the last prompts, by model. Not more than `REMEMBERED` of them."""

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def cached_tokens(self, model: str, prompt: list[str]) -> int:
        """Answer how many leading tokens were seen before, and remember this prompt."""
        cached = 0
        for length, mark in self._marks(model, prompt):
            if mark in self._seen:
                cached = length
            self._remember(mark)
        return cached

    def _marks(self, model: str, prompt: list[str]) -> list[tuple[int, bytes]]:
        marks = []
        running = hashlib.sha256(model.encode())
        bounds = [0, *range(FIRST, len(prompt) + 1, STEP)]
        for start, end in pairwise(bounds):
            running.update("\0".join(prompt[start:end]).encode("utf-8", "surrogatepass"))
            marks.append((end, running.digest()))
        return marks

    def _remember(self, mark: bytes) -> None:
        self._seen[mark] = None
        self._seen.move_to_end(mark)
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
