"""What happens in a round, and when: decided by the seed alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random

SECONDS = 0.8
MANY = 200  # concurrent streams on one cap
MOST_FAULTS = 3


class Fault(StrEnum):
    KILL_GATEWAY = "gateway killed"
    KILL_PUBLISHER = "publisher killed"
    KILL_WORKER = "worker killed"
    FLUSH_REDIS = "Redis flushed"
    KILL_REDIS = "Redis killed"
    PAUSE_REDIS = "Redis paused"
    KILL_POSTGRES = "PostgreSQL killed"
    PAUSE_POSTGRES = "PostgreSQL paused"


WEIGHTS = {
    Fault.KILL_GATEWAY: 8,
    Fault.KILL_PUBLISHER: 3,
    Fault.KILL_WORKER: 1,
    Fault.FLUSH_REDIS: 8,
    Fault.KILL_REDIS: 6,
    Fault.PAUSE_REDIS: 3,
    Fault.KILL_POSTGRES: 5,
    Fault.PAUSE_POSTGRES: 4,
}


class Customer(StrEnum):
    PLENTY = "plenty of credit"
    CAPPED = "$10.00 of credit"
    BUDGETED = "$10.00 of a project's budget"


@dataclass(frozen=True)
class PlannedFault:
    """Instants are seconds from the beginning of the round; what was killed or paused is back after `lasts`."""

    at: float
    kind: Fault
    place: int
    lasts: float


@dataclass(frozen=True)
class PlannedCall:
    """`hangs_up_after` chunks of a stream; None reads to the end."""

    at: float
    customer: Customer
    place: int  # among that customer's keys, and among the gateways
    is_stream: bool
    tokens: int
    hangs_up_after: int | None = None


@dataclass(frozen=True)
class Plan:
    seed: str
    calls: tuple[PlannedCall, ...]
    faults: tuple[PlannedFault, ...]


def plan_of(seed: int, round_: int) -> Plan:
    name = f"{seed}:{round_}"
    random = Random(name)
    faults = [_fault(random) for _ in range(random.randint(1, MOST_FAULTS))]
    calls = [*_calls(random, Customer.PLENTY, random.randint(15, 40)), *_capped(random)]
    return Plan(name, tuple(sorted(calls, key=lambda call: call.at)), tuple(sorted(faults, key=lambda fault: fault.at)))


def _fault(random: Random) -> PlannedFault:
    kind = random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    return PlannedFault(random.uniform(0, SECONDS), kind, random.randrange(1000), random.uniform(0, 0.5))


def _capped(random: Random) -> Iterator[PlannedCall]:
    """Seldom everyone at once, which takes seconds; the hold of forty is already more than the cap."""
    for customer in (Customer.CAPPED, Customer.BUDGETED):
        crowd = random.random()
        if crowd < 0.04:
            yield from _calls(random, customer, MANY, within=0.2, streams=1.0)
        elif crowd < 0.5:
            yield from _calls(random, customer, 40, within=0.4, streams=0.8)


def _calls(
    random: Random, customer: Customer, count: int, *, within: float = SECONDS, streams: float = 0.6
) -> Iterator[PlannedCall]:
    for _ in range(count):
        is_stream = random.random() < streams
        hangs_up_after = random.randint(0, 8) if random.random() < 0.15 else None
        tokens = random.randint(4, 16) if customer is Customer.PLENTY else random.randint(20, 40)
        at, place = random.uniform(0, within), random.randrange(1000)
        yield PlannedCall(at, customer, place, is_stream, tokens, hangs_up_after)
