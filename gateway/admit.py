"""Reserve against every limit above a request at once, or say which one refuses."""

from typing import Any, NamedTuple
from uuid import UUID

import hiredis

from core.verdict import Verdict
from core.wire import ModelFacts, RateLimits
from gateway.estimate import Estimate
from gateway.identify import Caller
from gateway.limit_refusals import Refused, refusal_of
from gateway.nodes import fields_of, limit_words, places_above, running_counter
from gateway.redis_pipe import RedisPipe
from gateway.scripts import ADMIT, Script, keys_of

# A hold is renewed several times within this, so that only a gateway that died lets one expire.
HOLD_MS = 120_000


class Mark(NamedTuple):
    """What admission leaves of a first attempt for its retries: the key of what was asked, and the words of `mark`."""

    at: str
    words: tuple[str | int, ...]


class Room(NamedTuple):
    """What is left of one rate after admission; `limit` None is unlimited. `reset_ms`: until all of it is back."""

    limit: int | None
    left: int
    reset_ms: int


class Reservation(NamedTuple):
    """The hold taken, in micro-dollars, the tokens reserved of the rate limits, and what is left of them.

    Rooms are those of the tighter node: organization or key. `counters` name what else the hold adds to, budgets and
    running requests, as the scripts know it. `admitted_ms` is the instant by Redis's clock: Unix milliseconds.
    """

    hold: int
    input_tokens: int
    output_tokens: int
    requests_room: Room
    input_room: Room
    output_room: Room
    key_output_tokens: int = 0
    counters: str = ""
    admitted_ms: int = 0


async def admit(
    hold_id: UUID,
    hold: int,
    most: Estimate,
    *,
    caller: Caller,
    model: ModelFacts,
    redis: RedisPipe,
    portal_url: str,
    mark: Mark | None = None,
) -> Reservation | Verdict:
    """One round trip; what is refused leaves no mark. Raises `RedisDown`."""
    places = places_above(caller, model)
    limits = limit_words(caller.organization.limits), limit_words(caller.key.limits)
    words: tuple[str | int, ...] = (
        str(hold_id),
        hold,
        HOLD_MS,
        most.input_tokens,
        most.output_tokens,
        *limits,
        running_counter(caller),
    )
    keys: tuple[str, ...] = keys_of(caller.organization.id, caller.key.id)
    if mark is not None:
        keys, words = (*keys, mark.at), (*words, *mark.words)
    kind, *rest = await run_script(redis, ADMIT, keys, *words, *fields_of(places))
    if kind != b"admitted":
        return refusal_of(kind.decode(), rest, Refused(hold, caller, places, portal_url))
    return _reservation(hold, most, caller, rest)


def _reservation(hold: int, most: Estimate, caller: Caller, answer: list[Any]) -> Reservation:
    admitted_ms, counters, *rooms = answer
    return Reservation(
        hold,
        input_tokens=most.input_tokens,
        output_tokens=_reserved_output(most.output_tokens, caller.organization.limits),
        requests_room=_room(*rooms[0:3]),
        input_room=_room(*rooms[3:6]),
        output_room=_room(*rooms[6:9]),
        key_output_tokens=_reserved_output(most.output_tokens, caller.key.limits),
        counters=counters.decode(),
        admitted_ms=admitted_ms,
    )


def _room(limit: int, left: int, reset_ms: int) -> Room:
    return Room(None if limit < 0 else limit, left, reset_ms)


def _reserved_output(most: int, limits: RateLimits) -> int:
    """An answer is seldom as long as it may be: one that could use up the minute reserves all of it, not more."""
    limit = limits.output_tokens_per_minute
    return most if limit is None else min(most, max(limit, 1))


async def run_script(redis: RedisPipe, script: Script, keys: tuple[str, ...], *words: str | int) -> Any:
    """Run a script, with its text where Redis has forgotten it. Raises `RedisDown`."""
    try:
        return await redis.call("EVALSHA", script.sha, len(keys), *keys, *words)
    except hiredis.ReplyError as error:
        if not str(error).startswith("NOSCRIPT"):
            raise
        return await redis.call("EVAL", script.text, len(keys), *keys, *words)
