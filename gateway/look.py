"""What is left of an organization's balance and limits, read from Redis in one round trip; nothing is reserved."""

from dataclasses import dataclass

from gateway.admit import Room, run_script
from gateway.identify import Caller
from gateway.redis_pipe import RedisPipe
from gateway.scripts import LOOK, keys_of


@dataclass(frozen=True, slots=True)
class Left:
    """`available` and `held` in micro-dollars: the balance, and what of it requests in flight have reserved."""

    available: int
    held: int
    running: int
    requests_room: Room
    input_room: Room
    output_room: Room


async def look(caller: Caller, redis: RedisPipe) -> Left | None:
    """None where no wallet is published. Raises `RedisDown`."""
    limits = caller.organization.limits
    rates = (limits.requests_per_minute, limits.input_tokens_per_minute, limits.output_tokens_per_minute)
    words = [-1 if limit is None else limit for limit in rates]
    numbers: list[int] = await run_script(redis, LOOK, keys_of(caller.organization.id), *words)
    if not numbers:
        return None
    available, held, running, *rooms = numbers
    rooms_by_rate = [Room(limit, *rooms[2 * place : 2 * place + 2]) for place, limit in enumerate(rates)]
    return Left(available, held, running, *rooms_by_rate)
