"""What the two embedded servers have in common, and one of them running for the length of a `with` block."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import Signals
from typing import Protocol

from config.embedded.privileges import Account
from config.embedded.spawning import child_setup

START_SECONDS = 30.0
STOP_SECONDS = 20.0


class ServerDidNotStart(Exception):
    """Holds the sentence for the person, with the end of the server's own log."""


class Server(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def folder(self) -> Path: ...

    @property
    def url(self) -> str: ...

    @property
    def stop_signal(self) -> Signals: ...

    @property
    def account(self) -> Account | None: ...

    def prepare(self) -> None:
        """Make the folder ready: created, initialized, free of what a killed server left behind."""

    def command(self) -> list[str]:
        """Answer the command line that runs the server in the foreground."""

    def is_ready(self) -> bool:
        """Tell whether the server answers a query now."""


@contextmanager
def running(server: Server, *, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `server` until the block ends, and also end it when this process dies in any way.

    The server writes to the file `log`. Raises `ServerDidNotStart`.
    """
    server.prepare()
    process = start(server, log)
    try:
        wait_until_ready(server, process, log)
        yield process
    finally:
        stop(process, server.stop_signal)


def start(server: Server, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 -- The command is our own.
            server.command(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=child_setup(server.stop_signal, server.account),  # noqa: PLW1509 -- See child_setup.
        )


def wait_until_ready(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise ServerDidNotStart(f"The embedded {server.name} did not start in {server.folder}:\n{tail}")
        time.sleep(0.02)


def stop(process: subprocess.Popen[bytes], stop_signal: Signals) -> None:
    """Ask the server to end, and make it end when it has not after `STOP_SECONDS`."""
    if process.poll() is not None:
        return
    process.send_signal(stop_signal)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
