"""What the process manager prints: lines with a label, coloured where a person watches."""

import os
import sys
from contextlib import suppress
from itertools import cycle

LABEL_WIDTH = 8
OWN_LABEL = "tollway"
BOLD, PLAIN = "\033[1m", "\033[0m"
COLOURS = cycle(f"\033[{number}m" for number in (36, 33, 35, 32, 34, 96, 93, 95, 92))


class Terminal:
    """One stream of whole lines. A reader that went away (`make run | head`, a closed window) stops nothing."""

    def __init__(self) -> None:
        self.is_coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._colours = {OWN_LABEL: BOLD}

    def show(self, line: str, label: str = OWN_LABEL) -> None:
        prefix = f"{label:<{LABEL_WIDTH}} | "
        if self.is_coloured:
            colour = self._colours.setdefault(label, next(COLOURS))
            prefix = f"{colour}{prefix}{PLAIN}"
        self._write(f"{prefix}{line}\n")

    def show_block(self, text: str) -> None:
        """Print lines that are there to be read and copied, without a label."""
        self._write(f"\n{text}\n\n")

    def _write(self, text: str) -> None:
        # A pipe without a reader is a BrokenPipeError, a terminal that was closed any other OSError (EIO).
        with suppress(OSError, ValueError):
            sys.stdout.write(text)
            sys.stdout.flush()
