"""Two gateway processes against one, on the same Redis and PostgreSQL.

The load generator, the model server and both stores share the machine's cores with the gateways. So beside the
requests a second stands what the same CPU time would serve: twice the requests for each second of the gateways' CPU.
"""

import statistics
from collections.abc import Sequence
from contextlib import ExitStack

from tests.benchmarks import wrk
from tests.benchmarks.ours import Stores, gateway
from tests.benchmarks.target import Target

CONNECTIONS = 32


def measure(stores: Stores, *, model_port: int, rounds: int, seconds: float) -> dict[str, float]:
    """Ratios of two processes to one: "per_second", and "capacity" by CPU time."""
    with ExitStack() as started:
        two = [started.enter_context(gateway(stores, model_port, name=f"tollway-{place}")) for place in (1, 2)]
        for target in two:
            wrk.drive(target, connections=CONNECTIONS, seconds=1)
        found = [(_drive(two[:1], seconds), _drive(two, seconds)) for _ in range(rounds)]
    return {
        "per_second": statistics.median(both[0] / one[0] for one, both in found),
        "capacity": statistics.median(2 * one[1] / both[1] for one, both in found),
    }


def _drive(targets: Sequence[Target], seconds: float) -> tuple[float, float]:
    """Answer requests a second, and CPU seconds a request."""
    before = sum(target.running.cpu_seconds() for target in targets if target.running)
    with ExitStack() as running:
        processes = [
            running.enter_context(wrk.start(target, connections=CONNECTIONS, seconds=seconds)) for target in targets
        ]
        loads = [wrk.load_of(process, seconds=seconds) for process in processes]
    cpu = sum(target.running.cpu_seconds() for target in targets if target.running) - before
    return sum(load.per_second for load in loads), cpu / sum(load.requests for load in loads)
