"""Why something cannot go on: one sentence for the person at the terminal, and exit status 1."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from config.embedded.server import ServerDidNotStart


class Refusal(Exception):
    """Holds the sentence, which names what to do."""


@contextmanager
def refusals_as_sentences() -> Iterator[None]:
    """End the program with the sentence alone, where Python would print a traceback."""
    try:
        yield
    except (Refusal, ServerDidNotStart) as refusal:
        sys.exit(f"tollway: {refusal}")
