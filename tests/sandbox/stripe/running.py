"""The sandbox as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import stripe

ROOT = Path(__file__).parents[3]
KEY = "sk_test_sandbox_tests"


class Running:
    """Start, stop and kill one server; its port and its file stay the same over restarts."""

    def __init__(self, database: Path) -> None:
        """Take a free port."""
        self.database = database
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Start and wait until it answers."""
        command = [sys.executable, "-m", "sandbox.stripe", "--port", str(self.port), "--database", str(self.database)]
        self.process = subprocess.Popen([*command, *options], cwd=ROOT)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                if httpx2.get(f"{self.url}/healthz", trust_env=False).is_success:
                    return
            except httpx2.TransportError:
                time.sleep(0.05)
        message = "the sandbox did not start"
        raise TimeoutError(message)

    def stop(self) -> int:
        """Ask it to stop and answer its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Let it die without a word."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        if self.process is None:
            return 0
        process, self.process = self.process, None
        os.kill(process.pid, how)
        return process.wait(timeout=10)

    def client(self, key: str = KEY, *, retries: int = 0) -> stripe.StripeClient:
        """Answer the real SDK, pointed here."""
        addresses: Any = {"api": self.url, "files": self.url, "meter_events": self.url}
        http = stripe.RequestsClient(timeout=20)
        return stripe.StripeClient(key, base_addresses=addresses, max_network_retries=retries, http_client=http)
