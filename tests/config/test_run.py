"""`bin/run` as a person meets it: everything answers, everything ends, and a killed manager leaves nobody behind."""

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from config.processes.demo import read_saved
from config.processes.folder import CHECKOUT
from tests.running import environment_in, started

END_SECONDS = 20.0


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return environment_in(tmp_path)


def processes_of(folder: Path) -> list[str]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            traces = (process.environ().get("TOLLWAY_VAR", ""), process.cwd(), *process.cmdline())
            if process.pid != os.getpid() and any(trace.startswith(str(folder)) for trace in traces):
                found.append(" ".join(process.cmdline()))
    return found


def wait_until_none_is_left(folder: Path) -> None:
    deadline = time.monotonic() + END_SECONDS
    while (left := processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left == []


def test_everything_answers_and_everything_ends(environment: dict[str, str], tmp_path: Path) -> None:
    with started(environment, tmp_path / "run.log") as run:
        saved = read_saved(tmp_path / "demo.env")
        for url in (saved["PORTAL_URL"], saved["GATEWAY_URL"], saved["STRIPE_SANDBOX_URL"]):
            with urlopen(f"{url}/healthz") as answer:
                assert answer.status == 200

        run.send_signal(signal.SIGTERM)

    assert run.returncode == 0
    assert processes_of(tmp_path) == []


def test_a_killed_manager_leaves_nobody_behind(environment: dict[str, str], tmp_path: Path) -> None:
    with started(environment, tmp_path / "run.log") as run:
        run.kill()

    wait_until_none_is_left(tmp_path)


def test_a_taken_port_is_one_sentence(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        run = subprocess.run(
            [CHECKOUT / "bin" / "run"],
            env=environment | {"GATEWAY_PORT": str(port)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert run.returncode == 1
    assert run.stderr.startswith(f"tollway: Port {port} is taken")
    assert "set GATEWAY_PORT" in run.stderr
    assert len(run.stderr.splitlines()) == 1
