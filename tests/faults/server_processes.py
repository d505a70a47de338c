"""The processes of a small Tollway: each can be killed, paused and started again without building anything anew."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM, Signals

import httpx2
import psutil

from config.embedded.privileges import Account
from config.embedded.server import Server
from config.embedded.spawning import child_setup
from config.processes.folder import CHECKOUT

READY_SECONDS = 40.0


class ServerProcess:
    """One program in a session of its own. Start it from the main thread: it dies with the thread that started it."""

    def __init__(
        self,
        name: str,
        command: Callable[[], list[str]],
        *,
        log: Path,
        environment: Mapping[str, str] = os.environ,
        is_ready: Callable[[], bool] = lambda: True,
        prepare: Callable[[], None] = lambda: None,
        account: Account | None = None,
        last_signal: Signals = SIGTERM,
    ) -> None:
        self.name = name
        self._command = command
        self._log = log
        self._environment = environment
        self._is_ready = is_ready
        self._prepare = prepare
        self._account = account
        self._last_signal = last_signal
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._prepare()
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command(),
                cwd=CHECKOUT,
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=child_setup(self._last_signal, self._account),  # noqa: PLW1509 -- See child_setup.
            )

    async def until_ready(self) -> None:
        """Raises TimeoutError, or ChildProcessError where it has ended by itself."""
        async with asyncio.timeout(READY_SECONDS):
            while not await asyncio.to_thread(self._is_ready):
                if self._process is not None and self._process.poll() is not None:
                    raise ChildProcessError(f"{self.name} ended by itself:\n{self.tail()}")
                await asyncio.sleep(0.02)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """Everything at once, as a crash of the machine's half would."""
        if self._process is not None:
            os.killpg(self._process.pid, SIGKILL)
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        self._signal_all(SIGSTOP)

    def go_on(self) -> None:
        self._signal_all(SIGCONT)

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:]) if self._log.exists() else ""

    def _signal_all(self, signal: Signals) -> None:
        """PostgreSQL's own processes lead sessions of their own."""
        if self._process is None:
            return
        parent = psutil.Process(self._process.pid)
        for process in (parent, *parent.children(recursive=True)):
            try:
                process.send_signal(signal)
            except psutil.NoSuchProcess:
                continue


def server_process(server: Server, folder: Path) -> ServerProcess:
    return ServerProcess(
        server.name.lower(),
        server.command,
        log=folder / f"{server.name.lower()}.log",
        is_ready=server.is_ready,
        prepare=server.prepare,
        account=server.account,
        last_signal=server.stop_signal,
    )


def python_process(
    name: str, *words: str, folder: Path, environment: Mapping[str, str], url: str = ""
) -> ServerProcess:
    """A Python program; with a URL it is ready when that answers 200."""
    return ServerProcess(
        name,
        lambda: [sys.executable, *words],
        log=folder / f"{name}.log",
        environment=environment,
        is_ready=lambda: not url or answers(url),
    )


def answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=2).status_code == 200
    except httpx2.TransportError:
        return False
