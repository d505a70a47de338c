"""A Redis Cluster of real processes on loopback: three primaries, each with a replica where it is asked for."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from signal import SIGKILL
from typing import Any

import redis

from config.embedded.redis_server import LOOPBACK, RedisServer, free_port
from config.embedded.server import start
from core.redis_place import SLOTS

PRIMARIES = 3
NODE_TIMEOUT_MS = "800"
# The cluster's own port is this much above the port for clients.
BUS = 10_000
FORMED_WITHIN = 20.0


@dataclass(frozen=True)
class ClusterServer(RedisServer):
    """One node."""

    def command(self) -> list[str]:
        options = {
            "--cluster-enabled": "yes",
            "--cluster-config-file": str(self.folder / "nodes.conf"),
            "--cluster-node-timeout": NODE_TIMEOUT_MS,
            "--cluster-require-full-coverage": "no",
            "--cluster-allow-reads-when-down": "no",
            "--repl-diskless-sync": "yes",
            "--repl-diskless-sync-delay": "0",
        }
        return [*super().command(), *(word for pair in options.items() for word in pair)]


class Node:
    port: int
    client: "redis.Redis"
    _process: subprocess.Popen[bytes]

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._begin()

    def _begin(self) -> None:
        self.port = _port()
        server = ClusterServer(self._folder, self.port, durable=False)
        server.prepare()
        self._process = start(server, self._folder.with_suffix(".log"))
        self.client = redis.Redis(host=LOOPBACK, port=self.port, decode_responses=True, socket_timeout=5)

    @property
    def id(self) -> str:
        return str(self.cluster("MYID"))

    def run(self, *words: object) -> Any:
        return self.client.execute_command(*words)  # type: ignore[no-untyped-call]

    def cluster(self, *words: object) -> Any:
        return self.run("CLUSTER", *words)

    def wait(self) -> None:
        _until(self._is_up)

    def kill(self) -> None:
        self._process.send_signal(SIGKILL)
        self._process.wait()

    def is_formed(self) -> bool:
        with suppress(redis.RedisError):
            info = str(self.cluster("INFO"))
            return "cluster_state:ok" in info and f"cluster_slots_ok:{SLOTS}" in info
        return False

    def _is_up(self) -> bool:
        if self._process.poll() is not None:  # Somebody took one of its two ports in between.
            self.client.close()
            self._begin()
        with suppress(redis.RedisError):
            return bool(self.client.ping())
        return False


@dataclass(frozen=True)
class Nodes:
    primaries: tuple[Node, ...]
    replicas: tuple[Node, ...]

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'{LOOPBACK}:{node.port}' for node in (*self.primaries, *self.replicas))}"

    def owner_of(self, slot: int) -> Node:
        return self.primaries[slot * PRIMARIES // SLOTS]

    def move(self, slot: int, *, to: Node) -> Iterator[str]:
        """Move a slot with its keys, step by step; what happens next is answered before it is done."""
        giver = self.owner_of(slot)
        to.cluster("SETSLOT", slot, "IMPORTING", giver.id)
        giver.cluster("SETSLOT", slot, "MIGRATING", to.id)
        while keys := giver.cluster("GETKEYSINSLOT", slot, 1):
            yield keys[0]
            giver.run("MIGRATE", LOOPBACK, to.port, keys[0], 0, 5000)
        yield ""
        for node in (to, giver, *self.primaries):
            node.cluster("SETSLOT", slot, "NODE", to.id)


@contextmanager
def redis_nodes(folder: Path, *, with_replicas: bool = False) -> Iterator[Nodes]:
    count = 2 * PRIMARIES if with_replicas else PRIMARIES
    nodes = [Node(folder / f"node-{place}") for place in range(count)]
    try:
        for node in nodes:
            node.wait()
        yield _formed(Nodes(tuple(nodes[:PRIMARIES]), tuple(nodes[PRIMARIES:])))
    finally:
        for node in nodes:
            node.client.close()
            node.kill()


def _formed(nodes: Nodes) -> Nodes:
    first, everyone = nodes.primaries[0], (*nodes.primaries, *nodes.replicas)
    for place, node in enumerate(nodes.primaries):
        begin, end = (-(-SLOTS * each // PRIMARIES) for each in (place, place + 1))
        node.cluster("ADDSLOTS", *range(begin, end))
        node.cluster("SET-CONFIG-EPOCH", place + 1)
    for node in everyone[1:]:
        node.cluster("MEET", LOOPBACK, first.port)
    _until(lambda: all(node.is_formed() for node in everyone))
    for primary, replica in zip(nodes.primaries, nodes.replicas, strict=False):
        _until(partial(_replicates, replica, primary))
    return nodes


def _replicates(replica: Node, primary: Node) -> bool:
    """A node that has not heard of the other yet is asked again."""
    with suppress(redis.ResponseError):
        replica.cluster("REPLICATE", primary.id)
        return replica.client.info("replication").get("master_link_status") == "up"
    return False


def _port() -> int:
    """A port for clients whose second port, the cluster's own, nobody has either."""
    while True:
        port = free_port()
        with socket.socket() as probe, suppress(OSError, OverflowError):
            probe.bind((LOOPBACK, port + BUS))
            return port


def _until(condition: Callable[[], bool], within: float = FORMED_WITHIN) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "The cluster did not form."
        time.sleep(0.05)
