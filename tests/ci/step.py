"""One thing that `bin/ci` runs, and the one line that tells how it went."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

# Enough for Django's settings to load where no database is asked anything.
SETTINGS = {
    "DATABASE_URL": "postgresql:///none?host=/nonexistent",
    "KEY_PEPPERS": "p1:" + "00" * 32,
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "only-for-gates-" + "0" * 50,
}


@dataclass(frozen=True)
class Outcome:
    name: str
    passed: bool
    seconds: float
    output: str = ""

    def __str__(self) -> str:
        return f"{'pass' if self.passed else 'FAIL'}  {self.name:<24} {self.seconds:6.1f} s"


@dataclass(frozen=True)
class Step:
    """Words for this Python. `is_shown` lets its output through as it comes, and not only on failure."""

    name: str
    words: Sequence[str]
    is_shown: bool = False

    def run(self) -> Outcome:
        began = time.monotonic()
        result = subprocess.run(
            [sys.executable, *self.words],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=None if self.is_shown else subprocess.PIPE,
            stderr=None if self.is_shown else subprocess.STDOUT,
            env={**os.environ, **SETTINGS},
            text=True,
        )
        return Outcome(self.name, result.returncode == 0, time.monotonic() - began, result.stdout or "")


def module(name: str, *words: str) -> tuple[str, ...]:
    return ("-m", name, *words)


def report(outcome: Outcome) -> Outcome:
    """Print what went wrong, if anything did, and the line."""
    if not outcome.passed and outcome.output:
        print(outcome.output.rstrip())
    print(outcome, flush=True)
    return outcome
