"""What is left of the limits, in OpenAI's dialect: `x-ratelimit-*` with Go durations."""

from gateway.admit import Reservation, Room
from gateway.refusals import RawHeaders


def limit_headers(reservation: Reservation) -> RawHeaders:
    """`tokens` is the tighter of input and output: OpenAI's dialect has one name for both."""
    tokens = min(
        (room for room in (reservation.input_room, reservation.output_room) if room.limit is not None),
        key=lambda room: room.left,
        default=None,
    )
    return of_room("requests", reservation.requests_room) + ([] if tokens is None else of_room("tokens", tokens))


def of_room(name: str, room: Room) -> RawHeaders:
    if room.limit is None:
        return []
    return [
        (f"x-ratelimit-limit-{name}".encode(), str(room.limit).encode()),
        (f"x-ratelimit-remaining-{name}".encode(), str(max(0, room.left)).encode()),
        (f"x-ratelimit-reset-{name}".encode(), go_duration(room.reset_ms).encode()),
    ]


def go_duration(milliseconds: int) -> str:
    """As Go prints durations: 20ms, 1.5s, 6m0s, 1h0m0s."""
    if milliseconds < 1000:  # noqa: PLR2004 - a second
        return f"{milliseconds}ms" if milliseconds > 0 else "0s"
    minutes, rest = divmod(milliseconds, 60_000)
    seconds = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds
