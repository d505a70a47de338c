"""GET /v1/requests/{id}/receipt: what one request of the caller's organization used, at which prices, exactly."""

import re
from datetime import UTC
from uuid import UUID

import msgspec

from core.money import decimal_of_picos
from core.usage import CLASSES, TokenClass
from core.verdict import Refusal, Verdict
from gateway import log
from gateway.client import Client
from gateway.database import DatabaseAway, Row
from gateway.gateway import Gateway
from gateway.identify import Headers, identify_any
from gateway.retries.claims import joins_at

Line = tuple[str, int, int]  # token class, quantity, picodollars for one
PATH = re.compile(r"/v1/requests/([^/]+)/receipt")
REQUEST_ID = re.compile(r"req_([0-9a-f]{32})")
AWAY = Verdict(Refusal.UNAVAILABLE, "Receipts can't be read at the moment. Try again.", retry_after=2)
DIFFERS = Verdict(Refusal.UNAVAILABLE, "This receipt doesn't add up to what was charged. We look into it.")


def id_in(path: str) -> str | None:
    """What stands where a receipt's path has the request id, well-formed or not; None on other paths."""
    found = PATH.fullmatch(path)
    return None if found is None else found[1]


async def answer_receipt(
    gateway: Gateway, client: Client, headers: Headers, *, request_id: str, address: str
) -> Verdict | None:
    """Another organization's request is as unknown as one that never was. Raises `RedisDown`."""
    caller = await identify_any(headers, facts=gateway.facts, settings=gateway.settings, address=address)
    if isinstance(caller, Verdict):
        return caller
    found = REQUEST_ID.fullmatch(request_id)
    if found is None:
        message = "This is not a request id: they are 'req_' and 32 hexadecimal digits, as x-request-id says."
        return Verdict(Refusal.NOT_FOUND, message)
    try:
        event = await gateway.receipts.find(caller.organization.id, UUID(found[1]))
    except DatabaseAway as error:
        log.line("receipt.database_away", request=client.request_id, error=str(error))
        return AWAY
    if event is None:
        return _not_stored(request_id)
    joined = await gateway.redis.call("GET", joins_at(caller.organization.id, UUID(found[1])))
    event["joined_retries"] = int(joined or 0)
    return await _answer(client, request_id, event, brand=gateway.settings.brand)


def _not_stored(request_id: str) -> Verdict:
    message = (
        f"No usage of {request_id} is stored for this organization: the id is unknown, nothing was charged, "
        "or it isn't stored yet. Usage is stored before an answer ends, unless our database is away."
    )
    return Verdict(Refusal.REQUEST_NOT_STORED, message)


async def _answer(client: Client, request_id: str, event: Row, *, brand: str) -> Verdict | None:
    lines = _lines(event)
    if sum(quantity * price for _, quantity, price in lines) != event["amount"]:
        log.line("receipt.DIFFERS: the prices don't give what was charged", usage_event=event["id"])
        return DIFFERS
    await client.answer(200, [], msgspec.json.encode(_shown(request_id, event, lines, brand=brand)))
    return None


def _lines(event: Row) -> list[Line]:
    """A class without a price is free, as in `core.usage.amount_of`. Requests are no tokens: listed where they cost."""
    prices = event["prices"]
    counted = [name for name in CLASSES if event[name] and (name in prices or name != TokenClass.REQUESTS)]
    return [(name.value, event[name], prices.get(name, 0)) for name in counted]


def _shown(request_id: str, event: Row, lines: list[Line], *, brand: str) -> dict[str, object]:
    prefix = event["public_key_id"] and f"{brand}_{event['environment']}_{event['public_key_id']}"
    return {
        "id": request_id,
        "model": event["model"],
        "key": {"id": event["key_id"], "name": event["key_name"], "prefix": prefix},
        "project": {"id": event["project_id"], "name": event["project_name"]},
        "occurred_at": event["occurred_at"].astimezone(UTC).isoformat(),
        "outcome": event["outcome"],
        "joined_retries": event["joined_retries"],
        "service_tier": event["service_tier"],
        "is_estimated": event["is_estimated"],
        "price_version": event["price_version_id"],
        "currency": event["currency"],
        "lines": [_line(*line) for line in lines],
        "amount": _exact(event["amount"]),
    }


def _line(name: str, quantity: int, price: int) -> dict[str, object]:
    return {"class": name, "quantity": quantity, "unit_price": _exact(price), "amount": _exact(quantity * price)}


def _exact(picos: int) -> str:
    return f"{decimal_of_picos(picos):f}"
