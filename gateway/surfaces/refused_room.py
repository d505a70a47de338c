"""What a refused rate looks like in headers, from the facts that its refusal carries."""

from core.verdict import Refusal, Verdict
from gateway.admit import Room

MS_PER_MINUTE = 60_000


def refused_room(verdict: Verdict) -> tuple[Refusal, Room] | None:
    """The rate that refused, and its room, which is whole again when all that is used has drained; else None."""
    facts = verdict.limit or {}
    limit, used = facts.get("limit"), facts.get("used")
    if "unit" not in facts or not isinstance(limit, int) or not isinstance(used, int):
        return None
    reset = -(-used * MS_PER_MINUTE // limit) if limit else 0
    return verdict.code, Room(limit, max(0, limit - used), reset)
