"""Programs under measurement: started, asked for their CPU time and memory, ended by their own process id."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from signal import SIGTERM, Signals

from config.embedded.spawning import child_setup

READY_SECONDS = 90.0
STOP_SECONDS = 10.0
# What another program would take for its own.
NOT_INHERITED = {"DATABASE_URL", "REDIS_URL"}
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class DidNotStart(Exception):
    """Holds the end of the program's log."""


class Running:
    """One program and its descendants."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.pid = process.pid

    def cpu_seconds(self) -> float:
        """User and system time since the start, of the program, its living descendants, and those it has reaped."""
        return sum(_ticks(pid) for pid in tree_of(self.pid)) / TICKS_PER_SECOND

    def resident_bytes(self) -> int:
        return sum(_resident_pages(pid) for pid in tree_of(self.pid)) * PAGE


@contextmanager
def program(
    command: Sequence[str | Path], *, port: int, log: Path, environment: dict[str, str] | None = None
) -> Iterator[Running]:
    """Run `command` until the block ends; the block begins when the program accepts connections on `port`."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            env={name: value for name, value in os.environ.items() if name not in NOT_INHERITED} | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=child_setup(SIGTERM),  # noqa: PLW1509 - makes only system calls
        )
    try:
        _wait_until_listening(process, port, log)
        yield Running(process)
    finally:
        _end(process)


def python(*words: str) -> list[str]:
    return [sys.executable, *words]


def tree_of(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found = [pid]
    for parent in found:
        found += children.get(parent, [])
    return found


def _wait_until_listening(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _is_listening(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise DidNotStart("\n".join(log.read_text(errors="replace").splitlines()[-15:]))
        time.sleep(0.05)


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the program, then whatever of its descendants it left behind: each by its id."""
    family = tree_of(process.pid)
    _signal(process.pid, SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in family[1:]:
        if _stat(pid):
            _signal(pid, Signals.SIGKILL)


def _signal(pid: int, signal_: Signals) -> None:
    try:
        os.kill(pid, signal_)
    except ProcessLookupError:
        return


def _ticks(pid: int) -> int:
    fields = _stat(pid)
    return sum(int(field) for field in fields[11:15]) if fields else 0


def _resident_pages(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[21]) if fields else 0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name: state, parent, …; empty where the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()
