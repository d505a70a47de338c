"""Reserve against every limit of the organization at once, or say which one refuses."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import hiredis

from core.verdict import Refusal, Verdict
from core.wire import RateLimits
from gateway.estimate import Estimate
from gateway.identify import NOT_PUBLISHED_YET, Caller
from gateway.redis_pipe import RedisPipe
from gateway.scripts import ADMIT, Script, keys_of

# A hold is renewed several times within this, so that only a gateway that died lets one expire.
HOLD_MS = 120_000
LONGEST_WAIT = 60.0
REFUSALS = {
    "requests": (Refusal.REQUESTS_PER_MINUTE, "requests per minute"),
    "input": (Refusal.INPUT_TOKENS_PER_MINUTE, "input tokens per minute"),
    "output": (Refusal.OUTPUT_TOKENS_PER_MINUTE, "output tokens per minute"),
}


@dataclass(frozen=True, slots=True)
class Room:
    """What is left of one rate after admission; `limit` None is unlimited. `reset_ms`: until all of it is back."""

    limit: int | None
    left: int
    reset_ms: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """The hold taken, in micro-dollars, and the tokens reserved of the rate limits."""

    hold: int
    input_tokens: int
    output_tokens: int
    requests_room: Room
    input_room: Room
    output_room: Room


async def admit(
    hold_id: UUID, hold: int, most: Estimate, *, caller: Caller, redis: RedisPipe, portal_url: str
) -> Reservation | Verdict:
    """One round trip. Raises `RedisDown`."""
    limits = caller.organization.limits
    output = _reserved_output(most.output_tokens, limits)
    words = _rates(limits, most.input_tokens, output)
    answer = await run_script(redis, ADMIT, keys_of(caller.organization.id), str(hold_id), hold, HOLD_MS, *words)
    kind, *numbers = answer
    if kind != b"admitted":
        return _refused(kind.decode(), numbers, hold=hold, caller=caller, portal_url=portal_url)
    rooms = [
        Room(limit, *numbers[2 * place : 2 * place + 2])
        for place, limit in enumerate(
            (limits.requests_per_minute, limits.input_tokens_per_minute, limits.output_tokens_per_minute)
        )
    ]
    return Reservation(hold, most.input_tokens, output, *rooms)


def _reserved_output(most: int, limits: RateLimits) -> int:
    """An answer is seldom as long as it may be: one that could use up the minute reserves all of it, not more."""
    limit = limits.output_tokens_per_minute
    return most if limit is None else min(most, limit)


def _rates(limits: RateLimits, input_tokens: int, output_tokens: int) -> list[int]:
    def or_none(limit: int | None) -> int:
        return -1 if limit is None else limit

    return [
        *(or_none(limits.requests_per_minute), 1),
        *(or_none(limits.input_tokens_per_minute), input_tokens),
        *(or_none(limits.output_tokens_per_minute), output_tokens),
        or_none(limits.concurrent_requests),
    ]


async def run_script(redis: RedisPipe, script: Script, keys: tuple[str, ...], *words: str | int) -> Any:
    """Run a script, with its text where Redis has forgotten it. Raises `RedisDown`."""
    try:
        return await redis.call("EVALSHA", script.sha, len(keys), *keys, *words)
    except hiredis.ReplyError as error:
        if not str(error).startswith("NOSCRIPT"):
            raise
        return await redis.call("EVAL", script.text, len(keys), *keys, *words)


def _refused(kind: str, numbers: list[int], *, hold: int, caller: Caller, portal_url: str) -> Verdict:
    if kind == "no wallet":
        return NOT_PUBLISHED_YET
    if kind == "balance":
        return _no_credit(*numbers, hold=hold, caller=caller, portal_url=portal_url)
    if kind == "concurrency":
        return _too_many_at_once(*numbers, caller=caller, portal_url=portal_url)
    return _too_fast(kind, *numbers, caller=caller, portal_url=portal_url)


def _no_credit(available: int, held: int, *, hold: int, caller: Caller, portal_url: str) -> Verdict:
    page = f"{portal_url}/billing/"
    facts = _node(caller, limit=_dollars(available), used=_dollars(held)) | {"needed": _dollars(hold), "url": page}
    if available >= hold:
        message = (
            f"The balance of ${_dollars(available)} is reserved by requests in flight "
            f"(${_dollars(held)}); this one may cost ${_dollars(hold)}. Add credit: {page}"
        )
        return Verdict(Refusal.CREDIT_RESERVED, message, retry_after=1, limit=facts)
    message = (
        f"The balance of '{caller.organization.name}' is ${_dollars(available)}, and this request may cost "
        f"${_dollars(hold)}. Add credit, or lower max_completion_tokens: {page}"
    )
    return Verdict(Refusal.CREDIT_EXHAUSTED, message, limit=facts)


def _too_many_at_once(limit: int, used: int, *, caller: Caller, portal_url: str) -> Verdict:
    page = f"{portal_url}/billing/"
    message = f"'{caller.organization.name}' has {used} requests in flight, and may have {limit}. Raise it: {page}"
    facts = _node(caller, limit=limit, used=used) | {"url": page}
    return Verdict(Refusal.CONCURRENT_REQUESTS, message, retry_after=1 if limit else None, limit=facts)


def _too_fast(kind: str, limit: int, used: int, wait_ms: int, *, caller: Caller, portal_url: str) -> Verdict:
    code, unit = REFUSALS[kind]
    page = f"{portal_url}/billing/"
    facts = _node(caller, limit=limit, used=used) | {"unit": unit, "url": page}
    if wait_ms < 0:
        message = f"This request alone is larger than the limit of {limit:,} {unit} of '{caller.organization.name}'"
        return Verdict(Refusal.REQUEST_EXCEEDS_LIMIT, f"{message}. Raise it: {page}", limit=facts)
    seconds = wait_ms / 1000
    message = f"'{caller.organization.name}' has used {used:,} of {limit:,} {unit}. Try again in {seconds:.3g} s"
    facts["reset_seconds"] = seconds
    return Verdict(code, f"{message}, or raise it: {page}", retry_after=min(seconds, LONGEST_WAIT), limit=facts)


def _node(caller: Caller, *, limit: object, used: object) -> dict[str, object]:
    return {"node": "organization", "id": caller.organization.id, "limit": limit, "used": used}


def _dollars(micros: int) -> str:
    return f"{Decimal(micros).scaleb(-6):f}"
