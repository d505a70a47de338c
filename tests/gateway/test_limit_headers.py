import pytest

from gateway.admit import Reservation, Room
from gateway.limit_headers import go_duration, limit_headers

UNLIMITED = Room(None, -1, 0)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0s"), (20, "20ms"), (1500, "1.5s"), (60_000, "1m0s"), (90_250, "1m30.25s"), (3_600_000, "1h0m0s")],
)
def test_durations_are_written_as_go_does(milliseconds: int, text: str) -> None:
    assert go_duration(milliseconds) == text


def test_the_tighter_side_stands_for_tokens() -> None:
    reservation = Reservation(1, 2, 3, Room(60, 59, 1000), Room(1000, 900, 50), Room(500, 100, 70))

    assert dict(limit_headers(reservation)) == {
        b"x-ratelimit-limit-requests": b"60",
        b"x-ratelimit-remaining-requests": b"59",
        b"x-ratelimit-reset-requests": b"1s",
        b"x-ratelimit-limit-tokens": b"500",
        b"x-ratelimit-remaining-tokens": b"100",
        b"x-ratelimit-reset-tokens": b"70ms",
    }


def test_without_limits_there_is_nothing_to_tell() -> None:
    assert limit_headers(Reservation(1, 2, 3, UNLIMITED, UNLIMITED, UNLIMITED)) == []
