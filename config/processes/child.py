"""One child process: its output as labelled lines, its restarts, and its end together with all that it started."""

import asyncio
import os
import time
from contextlib import suppress
from signal import SIGKILL, Signals

from config.embedded.spawning import child_setup
from config.processes.program import Program
from config.processes.refusal import Refusal
from config.processes.running_file import RunningFile
from config.processes.terminal import Terminal

# A child that lived shorter than this died quickly.
QUICK_SECONDS = 10.0
QUICK_DEATHS = 4
# Waited before a restart, times the number of quick deaths.
PAUSE_SECONDS = 0.5
CHUNK = 65_536


class Child:
    """Runs `program` again and again until it is told to stop, or until it has died quickly too often."""

    def __init__(self, program: Program, terminal: Terminal, running: RunningFile) -> None:
        self.program = program
        self._terminal = terminal
        self._running = running
        self._process: asyncio.subprocess.Process | None = None
        self._is_stopping = False
        self._quick_deaths = 0

    async def run(self) -> None:
        """Return when stopped. Raises `Refusal` when the program can't be kept alive."""
        while not self._is_stopping:
            started = time.monotonic()
            status = await self._run_once()
            if not self._is_stopping:
                self._count_death(status, time.monotonic() - started)
                await asyncio.sleep(PAUSE_SECONDS * self._quick_deaths)

    async def _run_once(self) -> int:
        self.program.readiness.forget()
        self.program.prepare()
        output, write_end = await open_pipe()
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *self.program.command,
                env={**os.environ, **self.program.environment, "PYTHONUNBUFFERED": "1"},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write_end,
                stderr=asyncio.subprocess.STDOUT,
                # A Ctrl-C in the terminal is the manager's alone, which ends its children in order.
                start_new_session=True,
                preexec_fn=child_setup(self.program.stop_signal, self.program.account),
            )
        finally:
            os.close(write_end)
        self._running.add(process.pid)
        relay = asyncio.create_task(self._relay_output(output))
        status = await process.wait()
        # A killed parent leaves its own children, which also hold its output open.
        self._signal_group(SIGKILL)
        self._running.remove(process.pid)
        await asyncio.wait({relay}, timeout=1)
        relay.cancel()
        return status

    async def _relay_output(self, output: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await output.read(CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._relay(line)
        if rest:
            self._relay(rest)

    def _relay(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip("\r")
        self.program.readiness.read_line(text)
        if not self.program.hides(text):
            self._terminal.show(text, self.program.label)

    def _count_death(self, status: int, seconds: float) -> None:
        self._quick_deaths = self._quick_deaths + 1 if seconds < QUICK_SECONDS else 0
        reason = f"by signal {Signals(-status).name}" if status < 0 else f"with exit status {status}"
        if self._quick_deaths >= QUICK_DEATHS:
            raise Refusal(
                f"{self.program.label} ended {reason}, {QUICK_DEATHS} times in a row within {QUICK_SECONDS:.0f} s "
                "of its start. Its lines above say why."
            )
        self._terminal.show(f"{self.program.label} ended {reason}; starting it again.")

    async def stop(self, patience: float) -> None:
        """Ask the child to end; after `patience` seconds make it and all that it started end."""
        self._is_stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(self.program.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), patience)
        except TimeoutError:
            self._terminal.show(f"{self.program.label} did not end within {patience:.0f} s and is killed.")
            self._signal_group(SIGKILL)

    def _signal_group(self, signal: Signals) -> None:
        """Signal whatever is left of the child's session, which it leads."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal)


async def open_pipe() -> tuple[asyncio.StreamReader, int]:
    """Answer a pipe's reader and the descriptor of its other end.

    asyncio's own PIPE would not do: with it, waiting for a child also waits for everybody who inherited the pipe.
    """
    read_end, write_end = os.pipe()
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(read_end, "rb"))
    return reader, write_end
