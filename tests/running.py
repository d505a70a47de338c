"""The whole product as `bin/run` starts it, on free ports, with its data in a folder of the test's own."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.processes.folder import CHECKOUT
from tests.environment import UNSET

READY = "Everything is ready"
PORTS = ("PORT", "GATEWAY_PORT", "STRIPE_SANDBOX_PORT", "MODEL_PORT")
NOT_PASSED_ON = {*UNSET, "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "KEY_PEPPERS"}
STARTS_WITHIN = 180.0


def environment_in(folder: Path) -> dict[str, str]:
    """Answer what `bin/run` is given: nothing of the tests' own servers, free ports, and a folder."""
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
    return inherited | dict.fromkeys(PORTS, "0") | {"TOLLWAY_VAR": str(folder)}


@contextmanager
def started(environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `bin/run` with its lines in `log`; go on when it says that everything is ready. Whoever calls ends it."""
    with log.open("wb") as output:
        run = subprocess.Popen([CHECKOUT / "bin" / "run"], env=environment, stdout=output, stderr=output)
    try:
        _wait_until_ready(run, log)
        yield run
        run.wait()
    finally:
        run.kill()
        run.wait()


def _wait_until_ready(run: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while READY not in log.read_text():
        if run.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"It did not start:\n{log.read_text()}")
        time.sleep(0.1)
