"""Who gets a request: by weight, among those that can take one."""

import random
from collections import Counter

from gateway.upstreams.choice import choose, seconds_until_one_is_able
from gateway.upstreams.health import Board, Health
from tests.gateway.published import upstream


def board() -> Board:
    return Board(clock=lambda: 100.0, dice=random.Random(11))


def known(weights: dict[str, int]) -> list[Health]:
    at = board()
    return [at.of("muse-spark", upstream("m", name=name, weight=weight)) for name, weight in weights.items()]


def test_requests_are_shared_out_by_weight() -> None:
    candidates = known({"large": 300, "small": 100, "drained": 0})
    dice = random.Random(5)

    chosen = [choose(candidates, now=100.0, dice=dice) for _ in range(4_000)]

    counts = Counter(health.upstream.name for health in chosen if health)
    assert set(counts) == {"large", "small"}
    assert 2_850 < counts["large"] < 3_150


def test_who_waits_gets_none() -> None:
    first, second = candidates = known({"first": 900, "second": 1})
    first.circuit.busy(100.0, 3.0)

    assert choose(candidates, now=100.0, dice=random.Random()) is second
    second.circuit.busy(100.0, 9.0)
    assert choose(candidates, now=100.0, dice=random.Random()) is None
    assert seconds_until_one_is_able(candidates, now=100.0) == 3.0


def test_time_mends_neither_drained_nor_unnamed() -> None:
    _, unnamed = candidates = known({"drained": 0, "unnamed": 1})
    unnamed.has_credential(False)

    assert choose(candidates, now=100.0, dice=random.Random()) is None
    assert seconds_until_one_is_able(candidates, now=100.0) is None


def test_health_is_kept_while_the_weight_changes() -> None:
    at, first = board(), upstream("m", weight=0)
    at.of("muse-spark", first).circuit.busy(100.0, 5.0)

    (shown,) = at.shown()

    assert (shown["weight"], shown["busy_for"], shown["state"]) == (0, 5.0, "closed")
