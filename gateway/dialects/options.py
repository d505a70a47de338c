"""What a request may ask for besides its words, by one name for all dialects. Each dialect says what it calls them."""

from collections.abc import Mapping
from enum import StrEnum


class Option(StrEnum):
    MESSAGES = "messages"
    SYSTEM = "system"
    TOOLS = "tools"
    TOOL_CHOICE = "tool_choice"
    PARALLEL_CALLS = "parallel_calls"
    MOST_OUTPUT = "most_output"
    EFFORT = "effort"
    FORMAT = "format"
    STOP = "stop"
    TEMPERATURE = "temperature"
    TOP_P = "top_p"
    TOP_K = "top_k"
    FREQUENCY_PENALTY = "frequency_penalty"
    PRESENCE_PENALTY = "presence_penalty"
    SEED = "seed"
    VERBOSITY = "verbosity"
    CUSTOMER = "customer"
    SERVICE_TIER = "service_tier"
    METADATA = "metadata"
    CACHE_KEY = "cache_key"
    CACHE_RETENTION = "cache_retention"
    CACHE_OPTIONS = "cache_options"


Names = Mapping[Option, tuple[str, ...]]
# What would change nothing needn't be told to a server that has no word for it.
USUAL: Mapping[Option, frozenset[bytes]] = {
    Option.TEMPERATURE: frozenset({b"1", b"1.0"}),
    Option.TOP_P: frozenset({b"1", b"1.0"}),
    Option.FREQUENCY_PENALTY: frozenset({b"0", b"0.0"}),
    Option.PRESENCE_PENALTY: frozenset({b"0", b"0.0"}),
    Option.STOP: frozenset({b"[]"}),
}


def renamed(theirs: Names, ours: Names, given: Mapping[str, object]) -> dict[str, str]:
    """What we call each field that an upstream knows by its own name: where we have two, the one that was given.

    Where a field of theirs says two things, it is the first of them, as `Option` has them.
    """
    found: dict[str, str] = {}
    for option in Option:
        words = ours.get(option, ())
        for name in theirs.get(option, ()) if words else ():
            found.setdefault(name, next((word for word in words if word in given), words[0]))
    return found
