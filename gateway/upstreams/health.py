"""How each upstream is doing, as this gateway process sees it."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.wire import UpstreamFacts
from gateway import log
from gateway.upstreams.circuit import Circuit


@dataclass(slots=True)
class Health:
    """Counts since the start of the process."""

    model: str
    upstream: UpstreamFacts
    circuit: Circuit
    in_flight: int = 0
    requests: int = 0
    failures: int = 0
    last_failure: str = ""
    last_failure_at: float = 0.0  # of the wall clock
    lacks_credential: bool = False

    def failed(self, why: str, *, now: float) -> None:
        self.failures += 1
        self.last_failure, self.last_failure_at = why[:200], time.time()
        if self.circuit.failed(now):
            log.line("upstream.OPENED", **self._names(), why=self.last_failure)

    def has_credential(self, is_there: bool, /) -> None:  # noqa: FBT001 - reads as a sentence
        if not is_there and not self.lacks_credential:
            log.line("upstream.CREDENTIAL_MISSING", **self._names(), credential=self.upstream.credential)
        self.lacks_credential = not is_there

    def shown(self, now: float) -> dict[str, object]:
        circuit = self.circuit
        return {
            **self._names(),
            "weight": self.upstream.weight,
            "state": "credential_missing" if self.lacks_credential else circuit.state.value,
            "busy_for": round(max(0.0, circuit.busy_until - now), 1),
            "tried_again_in": round(circuit.waits(now), 1),
            "in_flight": self.in_flight,
            "requests": self.requests,
            "failures": self.failures,
            "failures_in_a_row": circuit.in_a_row,
            "last_failure": self.last_failure or None,
            "last_failure_at": self.last_failure_at or None,
        }

    def _names(self) -> dict[str, object]:
        return {"model": self.model, "upstream": self.upstream.name, "id": self.upstream.id}


class Board:
    """The health of every upstream that a request has thought of."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, dice: random.Random | None = None) -> None:
        self.clock = clock
        self.dice = dice or random.Random()  # noqa: S311 - shares out load, hides no secret
        self._known: dict[str, Health] = {}

    def of(self, model: str, upstream: UpstreamFacts) -> Health:
        health = self._known.get(upstream.id)
        if health is None:
            health = self._known[upstream.id] = Health(model, upstream, Circuit(self.dice))
        health.upstream = upstream  # Its weight or its URL may have been changed since.
        return health

    def all_of(self, model: str, upstreams: Sequence[UpstreamFacts]) -> list[Health]:
        found = [self.of(model, upstream) for upstream in upstreams]
        is_alone = sum(upstream.weight > 0 for upstream in upstreams) <= 1
        for health in found:
            health.circuit.is_alone = is_alone
        return found

    def shown(self) -> list[dict[str, object]]:
        now = self.clock()
        return [health.shown(now) for health in self._known.values()]
