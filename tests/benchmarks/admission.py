"""What the scripts cost in Redis while the gateway is under load, against a script that does nothing.

The time is Redis's own: its slow log, told to note every command, has the microseconds of each call.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import redis

from gateway.scripts import ADMIT, RELEASE
from tests.benchmarks import wrk
from tests.benchmarks.ours import Stores, gateway
from tests.benchmarks.rounds import medians

CONNECTIONS = 16
# The commands inside of a script are noted, too.
MOST_NOTED = 50_000
BARE_CALLS = 1_000
NOTHING = "return 1"


def measure(stores: Stores, *, model_port: int, rounds: int, seconds: float) -> dict[str, float]:
    """Medians of microseconds a call, and how many times the bare call admission costs."""
    with redis.Redis.from_url(stores.redis_url) as connection, gateway(stores, model_port, name="admission") as target:
        wrk.drive(target, connections=CONNECTIONS, seconds=1)
        bare = connection.script_load(NOTHING)
        names = {ADMIT.sha: "admit", RELEASE.sha: "release", bare: "a script that does nothing"}
        samples = []
        for _ in range(rounds):
            with _noting(connection):
                for _ in range(BARE_CALLS):
                    connection.evalsha(bare, 1, "bench")
                wrk.drive(target, connections=CONNECTIONS, seconds=seconds)
                samples += list(_noted(connection, names))
    found = medians(samples)
    return {f"{name}, µs": value for name, value in found.items()} | {
        "admit ÷ a script that does nothing": found["admit"] / found["a script that does nothing"]
    }


@contextmanager
def _noting(connection: redis.Redis) -> Iterator[None]:
    connection.slowlog_reset()
    connection.config_set("slowlog-max-len", MOST_NOTED)
    connection.config_set("slowlog-log-slower-than", 0)
    try:
        yield
    finally:
        connection.config_set("slowlog-log-slower-than", -1)


def _noted(connection: redis.Redis, names: Mapping[str, str]) -> Iterator[dict[str, float]]:
    for entry in connection.slowlog_get(MOST_NOTED):
        command, _, rest = entry["command"].decode("latin-1").partition(" ")
        name = names.get(rest[:40])
        if command == "EVALSHA" and name is not None:
            yield {name: float(entry["duration"])}
