"""GET /v1/me: the key that asks, its organization, and what is left of balance and limits. Nothing is reserved."""

from datetime import UTC, datetime

import msgspec

from core.budget import Window, window_end, window_start
from core.verdict import Verdict
from core.wire import wallet_at
from gateway.admit import Room
from gateway.client import Client
from gateway.gateway import Gateway
from gateway.grants import is_callable
from gateway.identify import NOT_PUBLISHED_YET, Caller, Headers, identify_any
from gateway.limit_refusals import CURRENCY, dollars, instant, shown_instant
from gateway.look import BudgetLeft, Left, NodeLeft, look


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
    balance = {"available": dollars(left.available), "held": dollars(left.held), "currency": CURRENCY}
    return {
        "organization": {"id": organization.id, "name": organization.name, "plan": organization.plan},
        "project": {"id": caller.key.project},
        "key": _key(caller) | {"limits": _limits(left.key)},
        "balance": balance,
        "limits": _limits(left.organization),
        "budgets": [_budget(budget) for budget in left.budgets],
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


def _limits(node: NodeLeft) -> dict[str, object]:
    """Nobody knows when a running request ends, so that concurrency has no reset."""
    return {
        "requests_per_minute": _rate(node.requests_room),
        "input_tokens_per_minute": _rate(node.input_room),
        "output_tokens_per_minute": _rate(node.output_room),
        "concurrent_requests": _count(node.limits.concurrent_requests, node.running) | {"reset": None},
        "requests_per_day": _count(node.limits.requests_per_day, node.today) | {"resets_at": _midnight(node)},
    }


def _rate(room: Room) -> dict[str, object]:
    """`reset`: seconds until all of it is back. All is null where there is no limit."""
    if room.limit is None:
        return {"limit": None, "remaining": None, "reset": None}
    return {"limit": room.limit, "remaining": room.left, "reset": room.reset_ms / 1000}


def _count(limit: int | None, used: int) -> dict[str, object]:
    return {"limit": limit, "remaining": None if limit is None else max(0, limit - used)}


def _midnight(node: NodeLeft) -> str | None:
    if node.limits.requests_per_day is None:
        return None
    return shown_instant(window_end(Window.DAY, window_start(Window.DAY, datetime.now(UTC))))


def _budget(budget: BudgetLeft) -> dict[str, object]:
    """`remaining` is what a new request may reserve; a lifetime has no reset."""
    node, node_id = budget.place
    return {
        "id": budget.id,
        "node": node.value,
        "node_id": node_id,
        "window": budget.window.value,
        "limit": dollars(budget.cap),
        "used": dollars(budget.spent),
        "reserved": dollars(budget.reserved),
        "remaining": dollars(max(0, budget.cap - budget.spent - budget.reserved)),
        "resets_at": shown_instant(window_end(budget.window, instant(budget.start))),
        "currency": CURRENCY,
    }
