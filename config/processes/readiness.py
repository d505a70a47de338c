"""How each process shows that it does its work: an answer over HTTP, a line that it prints, or a server's own check."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

PROBE_SECONDS = 2.0


class Readiness(Protocol):
    async def is_met(self) -> bool: ...

    def read_line(self, line: str) -> None:
        """Learn from a line that the process printed."""

    def forget(self) -> None:
        """Forget what was learned: the process starts anew."""


@dataclass
class AnswersOverHttp:
    """Met when `url` answers 200."""

    url: str

    async def is_met(self) -> bool:
        try:
            return await asyncio.wait_for(self._status(), PROBE_SECONDS) == b"200"
        except (OSError, TimeoutError, IndexError):
            return False

    async def _status(self) -> bytes:
        parts = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
            return (await reader.readline()).split()[1]
        finally:
            writer.close()

    def read_line(self, line: str) -> None: ...

    def forget(self) -> None: ...


@dataclass
class PrintsLine:
    """Met once the process has printed a line that holds `pattern`: for programs that listen on nothing."""

    pattern: re.Pattern[str]
    was_seen: bool = False

    async def is_met(self) -> bool:
        return self.was_seen

    def read_line(self, line: str) -> None:
        self.was_seen = self.was_seen or self.pattern.search(line) is not None

    def forget(self) -> None:
        self.was_seen = False


@dataclass
class PassesCheck:
    """Met when `check` says so, which may block for a moment."""

    check: Callable[[], bool]

    async def is_met(self) -> bool:
        return await asyncio.to_thread(self.check)

    def read_line(self, line: str) -> None: ...

    def forget(self) -> None: ...
