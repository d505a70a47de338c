"""Portkey's gateway on Node, told by headers where to go: it checks no key and counts nothing."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded.redis_server import free_port
from tests.benchmarks.folder import BENCH, log_of
from tests.benchmarks.processes import program
from tests.benchmarks.target import CannotRun, Target

FOLDER = BENCH / "portkey"
PACKAGE = "@portkey-ai/gateway"


@contextmanager
def portkey(model_port: int) -> Iterator[Target]:
    node, server = _installed()
    port = free_port()
    headers = {
        "authorization": "Bearer unused",
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": f"http://127.0.0.1:{model_port}/v1",
    }
    command: list[str | Path] = [node, server, f"--port={port}", "--headless"]
    with program(command, port=port, log=log_of("portkey")) as running:
        yield Target("Portkey", port, headers, running)


def _installed() -> tuple[str, Path]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise CannotRun("Node is not installed: apt-get install nodejs npm")
    server = FOLDER / "node_modules" / PACKAGE / "build" / "start-server.js"
    try:
        if not server.exists():
            FOLDER.mkdir(parents=True, exist_ok=True)
            command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(FOLDER), PACKAGE]
            subprocess.run(command, check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        raise CannotRun(f"npm could not install {PACKAGE}: {error.stderr.decode()[-300:]}") from error
    return node, server
