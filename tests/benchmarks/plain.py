"""Whole answers: CPU a thousand requests, requests a second and latency at 1, 16 and 64 connections."""

from collections.abc import Sequence

from tests.benchmarks import wrk
from tests.benchmarks.rounds import Medians, Sample, cpu_between, cpu_of, interleaved
from tests.benchmarks.target import Target

CONNECTIONS = (1, 16, 64)
WARM_UP_SECONDS = 1


def measure(targets: Sequence[Target], *, rounds: int, seconds: float) -> dict[int, Medians]:
    """By number of connections. "cpu" is CPU seconds a thousand requests; latencies are milliseconds."""
    for target in targets:
        wrk.drive(target, connections=16, seconds=WARM_UP_SECONDS)
    return {
        connections: interleaved(targets, lambda target, at=connections: _once(target, at, seconds), rounds=rounds)  # type: ignore[misc]  # A lambda's default has no type.
        for connections in CONNECTIONS
    }


def _once(target: Target, connections: int, seconds: float) -> Sample:
    before = cpu_of(target)
    load = wrk.drive(target, connections=connections, seconds=seconds)
    cpu = cpu_between(before, cpu_of(target), per=load.requests / 1000)
    return cpu | {"per_second": load.per_second, "p50": load.p50, "p99": load.p99, "errors": load.errors}
