"""What all rounds came to: a line that grows while they run, and a table at the end."""

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.faults.caller import Ending

if TYPE_CHECKING:
    from tests.faults.one_round import Outcome

WIDTH = 40


@dataclass
class Summary:
    seed: int
    first: int
    rounds: int
    faults: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    refusals: Counter[int] = field(default_factory=Counter)
    events: int = 0
    done: int = 0
    found: list[str] = field(default_factory=list)
    failed_at: int | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def last(self) -> int:
        return self.first + self.rounds - 1

    @property
    def has_failed(self) -> bool:
        return bool(self.found) or self.done < self.rounds

    def numbers(self) -> range:
        return range(self.first, self.first + self.rounds)

    def add(self, outcome: "Outcome") -> None:
        self.faults.update(fault.kind.value for fault in outcome.plan.faults)
        self.endings.update(outcome.endings)
        self.refusals.update(answer.status for answer in outcome.answers if answer.ending is Ending.REFUSED)
        self.events += outcome.events
        if outcome.found:
            self.found = outcome.found
            self.failed_at = self.first + self.done
        self.done += 1
        self._show()

    def _show(self) -> None:
        part = self.done * WIDTH // self.rounds
        end = "\n" if self.done == self.rounds or self.found else ""
        line = f"\r[{'#' * part}{'.' * (WIDTH - part)}] {self.done}/{self.rounds} rounds, {self.events} events{end}"
        if sys.stdout.isatty() or end:
            print(line, end="", flush=True)

    def table(self) -> str:
        completed = self.endings[Ending.COMPLETED]
        lost = sum(text.startswith("LOST") for text in self.found)
        doubled = sum(text.startswith("DOUBLED") for text in self.found)
        statuses = ", ".join(f"{count:,} × {status}" for status, count in sorted(self.refusals.items()))
        rows = [
            ("seed", str(self.seed)),
            ("rounds", f"{self.done:,} of {self.rounds:,}, in {time.monotonic() - self.began:,.0f} s"),
            *((kind, f"{count:,}") for kind, count in sorted(self.faults.items())),
            ("answers completed", f"{completed:,}"),
            ("hung up by the client", f"{self.endings[Ending.HUNG_UP]:,}"),
            ("broken or failed", f"{self.endings[Ending.BROKEN] + self.endings[Ending.FAILED]:,}"),
            ("refused", f"{self.endings[Ending.REFUSED]:,}" + (f" ({statuses})" if statuses else "")),
            ("events", f"{self.events:,}"),
            ("lost", str(lost)),
            ("doubled", str(doubled)),
            ("other violations", str(len(self.found) - lost - doubled)),
        ]
        return "\n".join([*(f"{name:<24}{value}" for name, value in rows), *self._complaint()])

    def _complaint(self) -> list[str]:
        if not self.found:
            return []
        again = f"make faults SEED={self.seed} FIRST={self.failed_at} ROUNDS=1"
        return [f"Round {self.failed_at} of seed {self.seed} found:", *(f"  {text}" for text in self.found), again]
