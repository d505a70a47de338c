"""GET /v1/me: the key that asks, its organization, and what is left of balance and limits. Nothing is reserved."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from core.verdict import Verdict
from core.wire import wallet_at
from gateway.admit import Room
from gateway.client import Client
from gateway.gateway import Gateway
from gateway.grants import is_callable
from gateway.identify import NOT_PUBLISHED_YET, Caller, Headers, identify_any
from gateway.look import Left, look

CURRENCY = "USD"


async def answer_me(gateway: Gateway, client: Client, headers: Headers, *, address: str) -> Verdict | None:
    """Raises `RedisDown`."""
    facts = gateway.facts
    caller = await identify_any(headers, facts=facts, settings=gateway.settings, address=address)
    if isinstance(caller, Verdict):
        return caller
    left = await look(caller, gateway.redis)
    if left is None:
        facts.need(wallet_at(caller.organization.id))
        return NOT_PUBLISHED_YET
    models = [model.slug for model in await facts.models() if is_callable(model, caller)]
    await client.answer(200, [], msgspec.json.encode(_shown(caller, left, models)))
    return None


def _shown(caller: Caller, left: Left, models: list[str]) -> dict[str, object]:
    organization = caller.organization
    return {
        "organization": {"id": organization.id, "name": organization.name, "plan": organization.plan},
        "project": {"id": caller.key.project},
        "key": _key(caller),
        "balance": {"available": _dollars(left.available), "held": _dollars(left.held), "currency": CURRENCY},
        "limits": _limits(left, organization.limits.concurrent_requests),
        "models": models,
    }


def _key(caller: Caller) -> dict[str, object]:
    """Empty lists of scopes and models limit nothing."""
    key = caller.key
    expires_at = None if key.expires_at is None else datetime.fromtimestamp(key.expires_at, UTC).isoformat()
    return {
        "id": key.id,
        "name": key.name,
        "prefix": caller.prefix,
        "scopes": key.scopes,
        "models": key.models,
        "expires_at": expires_at,
    }


def _limits(left: Left, concurrent: int | None) -> dict[str, object]:
    """Nobody knows when a running request ends, so that concurrency has no reset."""
    free = None if concurrent is None else max(0, concurrent - left.running)
    return {
        "requests_per_minute": _rate(left.requests_room),
        "input_tokens_per_minute": _rate(left.input_room),
        "output_tokens_per_minute": _rate(left.output_room),
        "concurrent_requests": {"limit": concurrent, "remaining": free, "reset": None},
    }


def _rate(room: Room) -> dict[str, object]:
    """`reset`: seconds until all of it is back. All is null where there is no limit."""
    if room.limit is None:
        return {"limit": None, "remaining": None, "reset": None}
    return {"limit": room.limit, "remaining": room.left, "reset": room.reset_ms / 1000}


def _dollars(micros: int) -> str:
    return f"{Decimal(micros).scaleb(-6):f}"
