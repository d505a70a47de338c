"""Servers for tests: an ASGI application in a thread, or the gateway as a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx2
import uvicorn

from config.embedded.redis_server import free_port

SECONDS = 15.0


@contextmanager
def served(config: uvicorn.Config) -> Iterator[str]:
    """Serve in a thread; answer the URL."""
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(SECONDS)


class GatewayProcess:
    """`python -m gateway` with an environment of its own; may be killed and started again."""

    def __init__(self, environment: Mapping[str, str], *, files: int | None = None) -> None:
        """`files` is the limit of its file descriptors."""
        self.files = files
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, **environment, "GATEWAY_PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [*self._limiting(), sys.executable, "-m", "gateway"], env=self.environment, stdout=subprocess.DEVNULL
        )
        wait_until(self.is_healthy)

    def _limiting(self) -> list[str]:
        return [] if self.files is None else ["prlimit", f"--nofile={self.files}:{self.files}"]

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def is_healthy(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except httpx2.TransportError:
            return False

    @property
    def journaled(self) -> int:
        return int(httpx2.get(f"{self.url}/healthz", timeout=2).json()["journaled"])

    def send(self, signal_: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(signal_)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self.wait()

    def stop(self) -> int:
        self.send(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        assert self._process is not None
        code = self._process.wait(SECONDS)
        self._process = None
        return code

    def end(self) -> None:
        if self._process is not None:
            self.kill()


async def until(condition: Callable[[], bool]) -> None:
    """As `wait_until`, among tasks."""
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110 - The test looks from outside; nobody sets an event for it.
            await asyncio.sleep(0.005)


def wait_until(condition: Callable[[], bool], *, seconds: float = SECONDS) -> None:
    """Poll until `condition()` holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{condition} did not come true within {seconds} s"
        time.sleep(0.02)
