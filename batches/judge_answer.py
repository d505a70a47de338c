"""What a gateway's answer means for a line and for its batch. Pure.

A refusal that waiting mends says `retry-after`, and the line is sent again later; so it is where hours may help, since
a batch has 24. One that concerns the key, the balance or a budget of all lines ends the batch, and every line that is
left has it as its error. Any other is the line's own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from batches.line_usage import LineUsage, usage_of_answer
from batches.send import Answer
from core.refusals import TABLE
from core.verdict import Refusal

OK = 200
# A line that the model server fails so often is given up.
MOST_TRIES = 5
LONGEST_WAIT = 60.0
ENDS_THE_BATCH = {
    Refusal.INVALID_KEY,
    Refusal.EXPIRED_KEY,
    Refusal.REVOKED_KEY,
    Refusal.DISABLED_KEY,
    Refusal.ADMIN_KEY,
    Refusal.SCOPE_MISSING,
    Refusal.ORGANIZATION_SUSPENDED,
    Refusal.CREDIT_EXHAUSTED,
    Refusal.FROZEN_KEY,
    Refusal.ORGANIZATION_SPEND_LIMIT,
    Refusal.PROJECT_SPEND_LIMIT,
    Refusal.KEY_SPEND_LIMIT,
    Refusal.MEMBER_SPEND_LIMIT,
}
# The same in Anthropic's words, where they are others: one of them stands for budgets of every kind.
ENDS_IN_ANTHROPICS_WORDS = {TABLE[code].anthropic_code for code in ENDS_THE_BATCH} - {None}
NODES_OF_SOME_LINES = {"model", "end_customer"}
# The SDKs don't wait for hours; a batch may.
MENDED_IN_HOURS = {Refusal.MODEL_PAUSED, Refusal.REQUESTS_PER_DAY}
FAILED_BY_THE_MODEL_SERVER = {Refusal.UPSTREAM_UNAVAILABLE, Refusal.UPSTREAM_TIMEOUT}


class Fate(StrEnum):
    SUCCEEDED = "succeeded"
    ERRORED = "errored"
    AGAIN = "again"
    ENDS_THE_BATCH = "ends the batch"


@dataclass(frozen=True, slots=True)
class Judged:
    """`wait` in seconds, for AGAIN; `room` is what is left of the tightest rate limit, from 0 to 1."""

    fate: Fate
    wait: float = 0.0
    is_try: bool = False
    usage: LineUsage = field(default_factory=LineUsage)
    room: float = 1.0


def judge_answer(answer: Answer, *, endpoint: str, tries: int) -> Judged:
    """`tries`: how often the model server has failed this line before."""
    body = _parsed(answer.body)
    if answer.status == OK:
        return _served(answer, body, endpoint, tries)
    code = _code_in(body)
    if _ends_the_batch(code, body):
        return Judged(Fate.ENDS_THE_BATCH)
    if code in MENDED_IN_HOURS:
        return Judged(Fate.AGAIN, wait=LONGEST_WAIT)
    if (wait := _wait_in(answer.headers)) is None:
        return Judged(Fate.ERRORED)
    is_try = code in FAILED_BY_THE_MODEL_SERVER
    if is_try and tries + 1 >= MOST_TRIES:
        return Judged(Fate.ERRORED)
    return Judged(Fate.AGAIN, wait=wait, is_try=is_try)


def _served(answer: Answer, body: Mapping[str, Any], endpoint: str, tries: int) -> Judged:
    try:
        usage = usage_of_answer(body, endpoint=endpoint, cost=answer.headers["x-request-cost"])
    except (ArithmeticError, KeyError, TypeError, ValueError):
        is_last = tries + 1 >= MOST_TRIES
        return Judged(Fate.ERRORED) if is_last else Judged(Fate.AGAIN, wait=1.0, is_try=True)
    return Judged(Fate.SUCCEEDED, usage=usage, room=_room_in(answer.headers))


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _ends_the_batch(code: str, body: Mapping[str, Any]) -> bool:
    if code in ENDS_THE_BATCH:
        return True
    limit = body["error"].get("limit") if code in ENDS_IN_ANTHROPICS_WORDS else None
    node = limit.get("node") if isinstance(limit, dict) else None
    return code in ENDS_IN_ANTHROPICS_WORDS and node not in NODES_OF_SOME_LINES


def _code_in(body: Mapping[str, Any]) -> str:
    """The stable code, in either dialect's place."""
    error = body.get("error")
    if not isinstance(error, dict):
        return ""
    details = error.get("details")
    return str(error.get("code") or (details.get("error_code") if isinstance(details, dict) else "") or "")


def _wait_in(headers: Mapping[str, str]) -> float | None:
    """Seconds; None where waiting can't help. Whatever else is between us and a gateway is tried again, too."""
    if headers.get("x-should-retry") == "false":
        return None
    try:
        return min(float(headers.get("retry-after-ms", "")) / 1000, LONGEST_WAIT)
    except ValueError:
        return 1.0


def _room_in(headers: Mapping[str, str]) -> float:
    names = [name for name in headers if "ratelimit-" in name and "remaining" in name]
    return min((_share(headers, name) for name in names), default=1.0)


def _share(headers: Mapping[str, str], name: str) -> float:
    try:
        left, limit = float(headers[name]), float(headers[name.replace("remaining", "limit")])
    except (KeyError, ValueError):
        return 1.0
    return left / limit if limit > 0 else 1.0
