"""Facts as Redis has them, or as it had them a moment ago: a gateway that asks thousands of times a second asks about
the same few keys. The moment is short enough for the promise that a revoked key is refused within a second.
"""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from notices.facts import read_key, read_model, read_organization

Facts = TypeVar("Facts")

KEPT_FOR = 0.3
# Then all is forgotten, and read again: some 20 MB.
MOST = 10_000


class Recent(Generic[Facts]):
    """What was found; that something is not there is asked again each time."""

    def __init__(self, read: Callable[[str], Facts | None]) -> None:
        self._read: Callable[[str], Facts | None] = read
        self._found: dict[str, tuple[float, Facts]] = {}

    def __call__(self, name: str) -> Facts | None:
        """Raises `redis.RedisError`."""
        now = time.monotonic()
        kept = self._found.get(name)
        if kept is not None and kept[0] > now:
            return kept[1]
        found = self._read(name)
        if found is not None:
            if len(self._found) >= MOST:
                self._found.clear()
            self._found[name] = (now + KEPT_FOR, found)
        return found


recent_key = Recent(read_key)
recent_organization = Recent(read_organization)
recent_model = Recent(read_model)
