"""Which upstream gets a request: by weight and chance among those that can take one now."""

import random
from collections.abc import Sequence

from gateway.upstreams.health import Health


def choose(candidates: Sequence[Health], *, now: float, dice: random.Random) -> Health | None:
    """Chance rather than turns: many gateways, none of which knows of the others, still share out evenly."""
    able = [health for health in candidates if is_able(health, now)]
    if len(able) <= 1:
        return able[0] if able else None
    return dice.choices(able, weights=[health.upstream.weight for health in able])[0]


def is_able(health: Health, now: float) -> bool:
    return health.upstream.weight > 0 and not health.lacks_credential and health.circuit.waits(now) <= 0


def seconds_until_one_is_able(candidates: Sequence[Health], *, now: float) -> float | None:
    """None where time alone mends nothing: all are drained or without a credential."""
    waits = [
        health.circuit.waits(now) for health in candidates if health.upstream.weight > 0 and not health.lacks_credential
    ]
    return min(waits, default=None)
