"""The circuit breaker, on a clock of the test."""

import random

import pytest

from gateway.upstreams.circuit import (
    FAILURES,
    LONGEST_ALONE,
    LONGEST_BACKOFF,
    LONGEST_BUSY,
    WINDOW,
    WINDOW_SECONDS,
    Circuit,
    State,
)
from gateway.upstreams.health import Board
from tests.gateway.published import upstream


@pytest.fixture
def circuit() -> Circuit:
    return Circuit(random.Random(7))


def broken(circuit: Circuit, *, at: float) -> float:
    """Fail until it opens; answer when it may be probed."""
    while not circuit.failed(at):
        pass
    return circuit.open_until


def test_failures_in_a_row_open_it(circuit: Circuit) -> None:
    opened = [circuit.failed(100.0) for _ in range(FAILURES)]

    assert opened == [False] * (FAILURES - 1) + [True]
    assert 0.5 <= circuit.waits(100.0) <= 1.0


def test_a_success_between_them_begins_the_count_again(circuit: Circuit) -> None:
    for _ in range(FAILURES - 1):
        circuit.failed(100.0)
    circuit.ended_well(100.0)

    assert not circuit.failed(100.0)
    assert circuit.waits(100.0) == 0


def test_half_of_many_results_open_it(circuit: Circuit) -> None:
    """A server that fails every other time never fails five times in a row."""
    opened = []
    for _ in range(WINDOW // 2):
        circuit.ended_well(100.0)
        opened.append(circuit.failed(100.0))

    assert opened == [False] * (WINDOW // 2 - 1) + [True]


def test_old_results_do_not_count(circuit: Circuit) -> None:
    for _ in range(WINDOW // 2 - 1):
        circuit.failed(100.0)
        circuit.ended_well(100.0)

    assert not circuit.failed(101.0 + WINDOW_SECONDS)


def test_one_probe_at_a_time_tries_it_again(circuit: Circuit) -> None:
    again = broken(circuit, at=100.0)

    assert circuit.waits(again - 0.01) > 0
    assert circuit.waits(again) == 0
    assert circuit.sent()
    assert circuit.waits(again) > 0
    circuit.answered(is_probe=True)
    assert (circuit.state, circuit.waits(again)) == (State.CLOSED, 0)


def test_each_probe_that_fails_doubles_the_wait(circuit: Circuit) -> None:
    again = broken(circuit, at=100.0)

    for longest in (2, 4, 8, 16, 32, LONGEST_BACKOFF, LONGEST_BACKOFF):
        assert circuit.sent()
        assert circuit.failed(again)
        assert longest / 2 <= circuit.open_until - again <= longest
        again = circuit.open_until


def test_a_stream_that_breaks_after_its_probe_opens_it_at_once(circuit: Circuit) -> None:
    again = broken(circuit, at=100.0)
    circuit.sent()
    circuit.answered(is_probe=True)

    assert circuit.failed(again)


def test_an_answer_that_ended_well_makes_it_whole(circuit: Circuit) -> None:
    again = broken(circuit, at=100.0)
    circuit.sent()
    circuit.answered(is_probe=True)
    circuit.ended_well(again)

    assert [circuit.failed(again) for _ in range(FAILURES)] == [False] * (FAILURES - 1) + [True]
    assert circuit.open_until - again <= 1.0


def test_a_probe_whose_client_hung_up_is_followed_by_another(circuit: Circuit) -> None:
    again = broken(circuit, at=100.0)
    circuit.left(is_probe=circuit.sent())

    assert circuit.waits(again) == 0
    assert circuit.sent()


def test_busy_is_for_as_long_as_was_asked(circuit: Circuit) -> None:
    circuit.busy(100.0, 7.0)
    circuit.busy(100.0, 2.0)

    assert (circuit.waits(100.0), circuit.waits(107.0)) == (7.0, 0.0)
    assert circuit.state == State.CLOSED
    circuit.busy(200.0, 10_000.0)
    assert circuit.waits(200.0) == LONGEST_BUSY


@pytest.mark.parametrize(
    ("weights", "longest"), [((1,), LONGEST_ALONE), ((1, 0), LONGEST_ALONE), ((1, 1), LONGEST_BACKOFF)]
)
def test_the_only_server_of_a_model_is_tried_again_soon(weights: tuple[int, ...], longest: float) -> None:
    """Callers of a model with one server would wait for a minute after it came back."""
    upstreams = [upstream("muse-spark", weight=weight) for weight in weights]
    circuit = Board(dice=random.Random(7)).all_of("muse-spark", upstreams)[0].circuit
    again = broken(circuit, at=100.0)

    for _ in range(10):
        circuit.sent()
        again, before = broken(circuit, at=again), again

    assert longest / 2 <= again - before <= longest
