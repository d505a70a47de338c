"""What happens without a request: time passes, and webhooks are delivered."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx

from sandbox.stripe import clock, webhooks

if TYPE_CHECKING:
    from sandbox.stripe.app import Server

log = logging.getLogger(__name__)
TICK_SECONDS = 1.0
LOOK_SECONDS = 0.25
TIMEOUT_SECONDS = 10.0
AGENT = "Stripe/1.0 (+https://stripe.com/docs/webhooks)"


async def keep_time(server: Server) -> None:
    """Do what is due, one thing after the other, then wait for a second or for a call."""
    while True:
        server.time_wanted.clear()
        try:
            async with server.lock:
                worked = await asyncio.to_thread(clock.step, server.store, server.settings)
        except Exception:
            log.exception("The clock stumbled.")
            worked = False
        if worked:
            server.deliveries_wanted.set()
        else:
            await _wait(server.time_wanted, TICK_SECONDS)


async def send_deliveries(server: Server) -> None:
    """Send what is due, at most a batch at a time, each on its own so that a slow endpoint holds up no other."""
    under_way: dict[int, asyncio.Task[None]] = {}
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client:
        while True:
            server.deliveries_wanted.clear()
            async with server.lock:
                ready = await asyncio.to_thread(webhooks.due, server.store, skip=set(under_way))
            for delivery in ready:
                task = asyncio.create_task(_send(server, client, delivery))
                under_way[delivery.id] = task
            await _wait(server.deliveries_wanted, LOOK_SECONDS)
            under_way = {ident: task for ident, task in under_way.items() if not task.done()}


async def _send(server: Server, client: httpx.AsyncClient, delivery: webhooks.Delivery) -> None:
    try:
        delivered = await _post(client, delivery)
    except httpx.HTTPError as error:
        log.info("Delivery of %s to %s failed: %r", delivery.event, delivery.url, error)
        delivered = False
    async with server.lock:
        await asyncio.to_thread(webhooks.settle, server.store, delivery, delivered=delivered)


async def _post(client: httpx.AsyncClient, delivery: webhooks.Delivery) -> bool:
    signature = webhooks.signature(delivery.body, delivery.secret, at=int(time.time()))
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": AGENT, "Stripe-Signature": signature}
    answer = await client.post(delivery.url, content=delivery.body, headers=headers)
    return answer.is_success


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
