"""How fast lines are sent: more while they succeed, fewer and later where a limit is near."""

from batches.pace import FIRST, LONGEST_WAIT, Pace


def test_lines_begin_two_at_a_time_and_become_more() -> None:
    pace = Pace(4)

    assert pace.free(0, now=0) == FIRST
    for _ in range(10):
        pace.succeeded(room=1.0, now=0)
    assert [pace.free(in_flight, now=0) for in_flight in (0, 3, 4, 9)] == [4, 1, 0, 0]


def test_a_refusal_halves_them_and_is_waited_for_as_told() -> None:
    pace = Pace(8, slots=8)

    pace.refused(wait=5.0, now=100)

    assert (pace.free(0, now=104.9), pace.free(0, now=105)) == (0, 4)


def test_refusals_in_a_row_are_waited_for_longer_up_to_a_minute() -> None:
    pace = Pace(8)

    waits = []
    for _ in range(12):
        pace.refused(wait=0.0, now=0)
        waits.append(pace.not_before)

    assert waits == sorted(waits)
    assert waits[:3] == [0.5, 1.0, 2.0]
    assert waits[-1] == LONGEST_WAIT
    assert pace.free(0, now=LONGEST_WAIT) == 1


def test_half_of_a_limit_is_left_to_others() -> None:
    pace = Pace(8)

    pace.succeeded(room=0.5, now=0)
    assert pace.free(0, now=0) > 0
    pace.succeeded(room=0.25, now=0)

    assert (pace.free(0, now=14.9), pace.free(0, now=15) > 0) == (0, True)


def test_the_most_bounds_the_beginning_too() -> None:
    assert Pace(1).free(0, now=0) == 1
