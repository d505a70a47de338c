"""Whoever is measured: where it answers, with which headers, and which process's CPU time is its own."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from tests.benchmarks.processes import DidNotStart, Running


class CannotRun(Exception):
    """Why a peer is skipped, and how to get it."""


@dataclass(frozen=True)
class Target:
    """`running` is None for the model server asked directly, whose CPU time is nobody's overhead."""

    name: str
    port: int
    headers: Mapping[str, str] = field(default_factory=dict)
    running: Running | None = None
    # Programs that work for it beside its own process, such as Redis.
    helpers: Mapping[str, Running] = field(default_factory=dict)

    @property
    def is_direct(self) -> bool:
        return self.running is None


class Peer(Protocol):
    def __call__(self, model_port: int) -> AbstractContextManager[Target]: ...


@contextmanager
def all_of(peers: Mapping[str, Peer], *, model_port: int) -> Iterator[tuple[list[Target], dict[str, str]]]:
    """Start every peer that can be; answer them, and for the others the reason."""
    targets: list[Target] = []
    skipped: dict[str, str] = {}
    with ExitStack() as started:
        for name, peer in peers.items():
            try:
                targets.append(started.enter_context(peer(model_port)))
            except (CannotRun, DidNotStart) as reason:
                skipped[name] = str(reason)
        yield targets, skipped
