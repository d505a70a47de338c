"""`make bench`: measure the gateway beside its peers in one run, and print the ratios with their bars."""

import argparse
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from config.embedded.redis_server import free_port
from tests.benchmarks import admission, memory, plain, settle, streams, table, workers
from tests.benchmarks.bars import ADMIT, SETTLE, WORKERS
from tests.benchmarks.folder import log_of
from tests.benchmarks.ours import Stores, gateway, stores
from tests.benchmarks.peer_litellm import litellm
from tests.benchmarks.peer_nginx import nginx
from tests.benchmarks.peer_portkey import portkey
from tests.benchmarks.processes import program, python
from tests.benchmarks.target import CannotRun, Peer, Target, all_of

PEERS: dict[str, Peer] = {"nginx": nginx, "LiteLLM": litellm, "Portkey": portkey}


@dataclass(frozen=True)
class Bench:
    """What the measurements share: the stores, the model server, and all who proxy it."""

    rounds: int
    seconds: float
    stores: Stores
    model_port: int
    targets: list[Target]

    @property
    def proxies(self) -> list[Target]:
        return [target for target in self.targets if not target.is_direct]


PARTS: dict[str, Callable[[Bench], Iterable[str]]] = {
    "memory": lambda at: table.memory(memory.measure(at.proxies, rounds=at.rounds)),
    "plain": lambda at: table.plain(plain.measure(at.targets, rounds=at.rounds, seconds=at.seconds)),
    "streams": lambda at: table.streams(streams.measure(at.targets, rounds=at.rounds, seconds=at.seconds)),
    "workers": lambda at: table.single(
        "Two gateway processes to one",
        workers.measure(at.stores, model_port=at.model_port, rounds=at.rounds, seconds=at.seconds),
        {"per_second": WORKERS, "capacity": WORKERS},
    ),
    "settle": lambda at: table.single(
        "settle() to a bare insert",
        settle.measure(at.stores, rounds=at.rounds, seconds=at.seconds),
        {f"ratio at {size}": SETTLE for size in (50, 200)},
    ),
    "admission": lambda at: table.single(
        "The scripts in Redis",
        admission.measure(at.stores, model_port=at.model_port, rounds=at.rounds, seconds=at.seconds),
        {"admit, µs": ADMIT},
    ),
}


def main() -> None:
    options = _options()
    _allow_many_files()
    # So that whatever was started is also ended when this is.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parts = [name for name in options.only.split(",") if name] or list(PARTS)
    with _bench(options) as bench:
        for name in parts:
            try:
                for block in PARTS[name](bench):
                    print(block, end="\n\n" if block else "", flush=True)
            except CannotRun as reason:
                print(f"{name}: skipped. {reason}\n")


@contextmanager
def _bench(options: argparse.Namespace) -> Iterator[Bench]:
    model_port = free_port()
    command = python("-m", "tests.benchmarks.model_server", str(model_port))
    wanted = {name: peer for name, peer in PEERS.items() if not options.peers or name in options.peers.split(",")}
    with ExitStack() as started:
        started.enter_context(program(command, port=model_port, log=log_of("model_server")))
        own = started.enter_context(stores())
        peers = {table.OURS: partial(gateway, own), **wanted}
        targets, skipped = started.enter_context(all_of(peers, model_port=model_port))
        for name, reason in skipped.items():
            print(f"{name}: skipped. {reason}\n")
        direct = Target("model server", model_port)
        yield Bench(options.rounds, options.seconds, own, model_port, [direct, *targets])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default="", help=f"parts, by commas: {','.join(PARTS)}")
    parser.add_argument("--peers", default="", help=f"peers, by commas: {','.join(PEERS)}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement in each round")
    options = parser.parse_args()
    if unknown := {*filter(None, options.only.split(","))} - PARTS.keys():
        sys.exit(f"There is no part {', '.join(unknown)}; there are {', '.join(PARTS)}.")
    return options


def _allow_many_files() -> None:
    """A thousand streams are two thousand sockets in a proxy."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most if most != resource.RLIM_INFINITY else 65_536, most))


if __name__ == "__main__":
    main()
