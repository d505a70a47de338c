"""Thoughts that only their maker can read, on their way through a dialect that is not the maker's.

Anthropic signs thinking, OpenAI encrypts reasoning; both want it back, unchanged, in the next turn. A caller of the
other dialect carries it for them in its own opaque field, marked with the maker's name. What bears another's mark, or
none where a translation must bear one, is not passed on: servers refuse what they didn't seal.
"""

from typing import NamedTuple

MARK = "sealed-by:"


class Seal(NamedTuple):
    made_by: str
    id: str
    text: str


def marked(made_by: str, seal: str, id_: str = "") -> str:
    """What the caller carries."""
    return f"{MARK}{made_by}:{id_}:{seal}"


def opened(carried: str, native: str) -> Seal:
    """Who made what a caller brings back: a seal without a mark comes from a server of the caller's own dialect."""
    if not carried.startswith(MARK):
        return Seal(native, "", carried)
    made_by, _, rest = carried.removeprefix(MARK).partition(":")
    id_, _, seal = rest.partition(":")
    return Seal(made_by, id_, seal)


def is_foreign(carried: str) -> bool:
    """Whether a server of the caller's own dialect did not make it."""
    return carried.startswith(MARK)
