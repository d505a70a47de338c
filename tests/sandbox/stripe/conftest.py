"""A real server per test worker, the real SDK, and a receiver of webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.stripe.receiver import Receiver
from tests.sandbox.stripe.running import Running
from tests.sandbox.stripe.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of this worker's own, on a free port and an empty file."""
    running = Running(tmp_path_factory.mktemp("stripe") / "stripe.sqlite3")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def world(sandbox: Running) -> World:
    """A test's own point of view: its clock, its customer, and the events since it began."""
    return World(sandbox)


@pytest.fixture
def own_sandbox(tmp_path: Path) -> Iterator[Running]:
    """A server that the test may kill."""
    running = Running(tmp_path / "own.sqlite3")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook endpoint that keeps what it is sent."""
    receiver = Receiver()
    yield receiver
    receiver.close()
