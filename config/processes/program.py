"""One program of the line-up: what the process manager needs to know to start, watch and end it."""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from signal import Signals

from config.embedded.privileges import Account
from config.embedded.server import Server
from config.processes.readiness import PassesCheck, Readiness


def nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Program:
    label: str
    command: list[str]
    readiness: Readiness
    environment: dict[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] = nothing
    stop_signal: Signals = Signals.SIGTERM
    account: Account | None = None
    # Lines that tell nothing to the person at the terminal.
    hidden_lines: re.Pattern[str] | None = None
    # Programs of a higher rank are ended first: the databases outlive whoever writes to them.
    rank: int = 1

    def hides(self, line: str) -> bool:
        return self.hidden_lines is not None and self.hidden_lines.search(line) is not None


def python(*words: str) -> list[str]:
    """Answer the command line of a Python program in this same virtual environment."""
    return [sys.executable, *words]


def program_of(server: Server) -> Program:
    return Program(
        label=server.name.lower()[:8],
        command=server.command(),
        readiness=PassesCheck(server.is_ready),
        prepare=server.prepare,
        stop_signal=server.stop_signal,
        account=server.account,
        rank=0,
    )
