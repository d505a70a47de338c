"""Signed deliveries: queued with the event, tried until an endpoint answers 2xx or three days have passed."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, NamedTuple

from sandbox.stripe.settings import API_VERSION
from sandbox.stripe.values import Obj, hidden, public

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk
    from sandbox.stripe.store import Store

BACKOFF_SECONDS = (1, 2, 5, 10, 30, 60, 300, 1800, 3600)
GIVE_UP_SECONDS = 3 * 24 * 3600
BATCH = 20


class Delivery(NamedTuple):
    """One event on its way to one endpoint."""

    id: int
    event: str
    attempts: int
    created: float
    url: str
    secret: str
    body: bytes


def queue(desk: Desk, event: Obj) -> int:
    """Queue an event for every enabled endpoint that wants its type, and answer how many there are."""
    wanting = [endpoint for endpoint in desk.find("webhook_endpoint", status="enabled") if _wants(endpoint, event)]
    desk.store.db.executemany(
        "INSERT INTO deliveries (event, endpoint, created, next_at) VALUES (?, ?, ?, ?)",
        [(event["id"], endpoint["id"], time.time(), time.time()) for endpoint in wanting],
    )
    return len(wanting)


def _wants(endpoint: Obj, event: Obj) -> bool:
    return "*" in endpoint["enabled_events"] or event["type"] in endpoint["enabled_events"]


def due(store: Store, *, skip: set[int]) -> list[Delivery]:
    """Answer the deliveries whose time has come, oldest event first; drop those whose endpoint is gone."""
    query = "SELECT id, event, endpoint, attempts, created FROM deliveries WHERE next_at <= ? ORDER BY id LIMIT ?"
    rows = store.db.execute(query, (time.time(), BATCH + len(skip))).fetchall()
    ready: list[Delivery] = []
    for ident, event_id, endpoint_id, attempts, created in rows:
        if ident in skip or len(ready) + len(skip) >= BATCH:
            continue
        endpoint, event = store.load(endpoint_id), store.load(event_id)
        if event is None or endpoint is None or endpoint.get("deleted") or endpoint["status"] != "enabled":
            store.db.execute("UPDATE deliveries SET next_at = NULL WHERE id = ?", (ident,))
            continue
        body = _payload(event, endpoint)
        url, secret = endpoint["url"], hidden(endpoint)["secret"]
        ready.append(Delivery(ident, event_id, attempts, created, url, secret, body))
    return ready


def _payload(event: Obj, endpoint: Obj) -> bytes:
    shown = public(event) | {"api_version": endpoint["api_version"] or API_VERSION}
    return json.dumps(shown, indent=2).encode()


def signature(body: bytes, secret: str, *, at: int) -> str:
    """Answer the `Stripe-Signature` header: HMAC-SHA256 over the second of the attempt, a dot, and the raw body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def settle(store: Store, delivery: Delivery, *, delivered: bool) -> None:
    """Note the outcome of an attempt: done, or again later with a growing pause."""
    if delivered:
        next_at = None
        _count_down(store, delivery.event)
    else:
        next_at = time.time() + BACKOFF_SECONDS[min(delivery.attempts, len(BACKOFF_SECONDS) - 1)]
        if next_at > delivery.created + GIVE_UP_SECONDS:
            next_at = None
    store.db.execute("UPDATE deliveries SET attempts = attempts + 1, next_at = ? WHERE id = ?", (next_at, delivery.id))


def _count_down(store: Store, event_id: str) -> None:
    event = store.load(event_id)
    if event is not None:
        event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
        store.put(event, clock=None, due=None)
