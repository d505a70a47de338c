"""The process manager: children side by side, kept alive, awaited, and ended in order."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from itertools import groupby
from typing import Self

from config.processes.child import Child
from config.processes.program import Program
from config.processes.refusal import Refusal
from config.processes.running_file import RunningFile
from config.processes.terminal import Terminal

READY_SECONDS = 120.0
STOP_SECONDS = 10.0
PROBE_EVERY = 0.1
REMIND_EVERY = 5.0


class ProcessManager:
    """Use it as an asynchronous context: whatever happens inside, every child is gone when it ends."""

    def __init__(self, terminal: Terminal, running: RunningFile) -> None:
        self._terminal = terminal
        self._running = running
        self._lives: dict[Child, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, programs: Sequence[Program]) -> None:
        """Start `programs` and return when each does its work. Raises `Refusal` when one does not."""
        self._terminal.show(f"Starting {_names(programs)} …")
        for program in programs:
            child = Child(program, self._terminal, self._running)
            self._lives[child] = asyncio.create_task(child.run())
        await self.unless_a_child_fails(self._await_all(programs))

    async def unless_a_child_fails(self, work: Coroutine[None, None, None]) -> None:
        """Do `work` to its end; raise the `Refusal` of the first child that can't be kept alive meanwhile."""
        task = asyncio.create_task(work)
        try:
            done, _ = await asyncio.wait({task, *self._lives.values()}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        for finished in done:
            finished.result()

    async def _await_all(self, programs: Sequence[Program]) -> None:
        began = reminded = time.monotonic()
        waiting = list(programs)
        while waiting:
            for program in list(waiting):
                if await program.readiness.is_met():
                    waiting.remove(program)
                    self._terminal.show(f"{program.label} is ready after {time.monotonic() - began:.1f} s.")
            if time.monotonic() - began > READY_SECONDS:
                raise Refusal(f"No sign of life from {_names(waiting)} in {READY_SECONDS:.0f} s.")
            if waiting and time.monotonic() - reminded > REMIND_EVERY:
                reminded = time.monotonic()
                self._terminal.show(f"Waiting for {_names(waiting)} …")
            await asyncio.sleep(PROBE_EVERY if waiting else 0)

    async def stop(self) -> None:
        """End every child: those of the highest rank first, those of one rank at the same time."""
        by_rank = sorted(self._lives, key=_rank, reverse=True)
        for _, children in groupby(by_rank, key=_rank):
            await asyncio.gather(*(child.stop(STOP_SECONDS) for child in children))
        await asyncio.gather(*self._lives.values(), return_exceptions=True)
        self._lives.clear()


def _rank(child: Child) -> int:
    return child.program.rank


def _names(programs: Sequence[Program]) -> str:
    return ", ".join(program.label for program in programs)
