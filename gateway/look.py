"""What is left of balance, limits and budgets, read from Redis in one round trip; nothing is reserved."""

from dataclasses import dataclass
from typing import Any

from core.budget import Window
from core.wire import RateLimits
from gateway.admit import Room, run_script
from gateway.identify import Caller
from gateway.nodes import Place, fields_of, limit_words, places_above_key, running_counter
from gateway.redis_pipe import RedisPipe
from gateway.scripts import LOOK, keys_of


@dataclass(frozen=True, slots=True)
class NodeLeft:
    """What is left of the organization's or the key's limits; `today` counts the UTC day's requests."""

    limits: RateLimits
    running: int
    today: int
    requests_room: Room
    input_room: Room
    output_room: Room


@dataclass(frozen=True, slots=True)
class BudgetLeft:
    """Micro-dollars; `start` of the present window in Unix seconds."""

    place: Place
    id: str
    window: Window
    cap: int
    spent: int
    reserved: int
    start: int


@dataclass(frozen=True, slots=True)
class Left:
    """`available` and `held` in micro-dollars: the balance, and what of it requests in flight have reserved."""

    available: int
    held: int
    organization: NodeLeft
    key: NodeLeft
    budgets: list[BudgetLeft]


async def look(caller: Caller, redis: RedisPipe) -> Left | None:
    """None where wallet or budgets are not published. Raises `RedisDown`."""
    places = places_above_key(caller)
    limits = caller.organization.limits, caller.key.limits
    keys = keys_of(caller.organization.id, caller.key.id)
    words = (*map(limit_words, limits), running_counter(caller), *fields_of(places))
    answer: list[Any] = await run_script(redis, LOOK, keys, *words)
    if not answer:
        return None
    (available, held), organization, key, *budgets = answer
    nodes = _node(limits[0], organization), _node(limits[1], key)
    return Left(available, held, *nodes, [_budget(places, told) for told in budgets])


def _node(limits: RateLimits, numbers: list[int]) -> NodeLeft:
    running, today, *rooms = numbers
    rates = (limits.requests_per_minute, limits.input_tokens_per_minute, limits.output_tokens_per_minute)
    rooms_by_rate = [Room(limit, *rooms[2 * place : 2 * place + 2]) for place, limit in enumerate(rates)]
    return NodeLeft(limits, running, today, *rooms_by_rate)


def _budget(places: list[Place], told: list[Any]) -> BudgetLeft:
    place, id_, window, *numbers = told
    return BudgetLeft(places[place - 1], id_.decode(), Window(window.decode()), *numbers)
