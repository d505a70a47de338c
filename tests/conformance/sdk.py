"""An official SDK in a process of its own, in whichever environment it is installed."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DRIVER = Path(__file__).with_name("driver.py")


@dataclass(frozen=True)
class Called:
    """What a caller of the SDK got. `error` has the exception's own attributes, and the classes that would catch it."""

    attempts: int
    events: list[Any] = field(default_factory=list)
    value: Any = None
    error: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    request_id: str | None = None

    @property
    def raised(self) -> dict[str, Any]:
        assert self.error is not None, f"Nothing was raised: {self.value or self.events}"
        return self.error


class Sdk:
    def __init__(self, process: "subprocess.Popen[str]", name: str) -> None:
        self._process = process
        self.name = name
        self.version = str(self._read()["version"])
        self.client: dict[str, Any] = {}

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def create(self, method: str, *args: Any, is_async: bool = False, **kwargs: Any) -> Called:
        return _without_error(self._call("create", method, args, kwargs, is_async=is_async))

    def refused(self, method: str, *args: Any, **kwargs: Any) -> Called:
        return self._call("create", method, args, kwargs)

    def events(self, method: str, *, is_async: bool = False, **kwargs: Any) -> Called:
        return self._call("events", method, (), kwargs, is_async=is_async)

    def helper(self, method: str, **kwargs: Any) -> Called:
        return _without_error(self._call("helper", method, (), kwargs))

    def _call(
        self, how: str, method: str, args: tuple[Any, ...], kwargs: dict[str, Any], *, is_async: bool = False
    ) -> Called:
        call = {"how": how, "method": method, "args": args, "kwargs": kwargs, "is_async": is_async}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(call | {"client": self.client}) + "\n")
        self._process.stdin.flush()
        return Called(**self._read())

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"The SDK's process ended with {self._process.wait()}."
        return dict(json.loads(line))


def _without_error(called: Called) -> Called:
    assert called.error is None, called.error
    return called


@contextmanager
def running_sdk(python: str, name: str) -> Iterator[Sdk]:
    process = subprocess.Popen(
        [python, str(DRIVER), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    with process:
        yield Sdk(process, name)
        assert process.stdin is not None
        process.stdin.close()
