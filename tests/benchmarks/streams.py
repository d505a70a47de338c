"""Streamed answers: CPU a thousand streams and a chunk, and the time to the first chunk."""

import statistics
from collections.abc import Sequence

from tests.benchmarks.model_server import CHUNKS
from tests.benchmarks.rounds import Medians, Sample, cpu_between, cpu_of, interleaved
from tests.benchmarks.stream_load import read_streams
from tests.benchmarks.target import Target

CONNECTIONS = (1, 64)


def measure(targets: Sequence[Target], *, rounds: int, seconds: float) -> dict[int, Medians]:
    """By number of connections. "cpu" is CPU seconds a thousand streams, "chunk" microseconds of CPU a chunk."""
    return {
        connections: interleaved(targets, lambda target, at=connections: _once(target, at, seconds), rounds=rounds)  # type: ignore[misc]  # A lambda's default has no type.
        for connections in CONNECTIONS
    }


def _once(target: Target, connections: int, seconds: float) -> Sample:
    before = cpu_of(target)
    found = read_streams(target, connections=connections, seconds=seconds)
    cpu = cpu_between(before, cpu_of(target), per=found.whole / 1000)
    first = statistics.median(found.firsts) * 1000 if found.firsts else float("nan")
    chunk = {"chunk": cpu["cpu"] / 1000 / CHUNKS * 1e6} if "cpu" in cpu else {}
    return cpu | chunk | {"first": first, "errors": found.errors, "per_second": found.whole / seconds}
