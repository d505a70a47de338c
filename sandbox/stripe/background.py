"""What happens without a request: time passes, and webhooks are delivered."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import aiohttp

from sandbox.stripe import clock, webhooks

if TYPE_CHECKING:
    from sandbox.stripe.app import Server

log = logging.getLogger(__name__)
TICK_SECONDS = 1.0
LOOK_SECONDS = 0.25
TIMEOUT_SECONDS = 10.0
SUCCESS = 2
AGENT = "Stripe/1.0 (+https://stripe.com/docs/webhooks)"


async def keep_time(server: Server) -> None:
    """Do what is due, one thing after the other, then wait for a second or for a call."""
    while not server.stopping:
        server.time_wanted.clear()
        try:
            worked = await server.work(lambda: clock.step(server.store, server.settings))
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
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as client:
        while not server.stopping:
            server.deliveries_wanted.clear()
            skip = set(under_way)
            ready = await server.work(partial(webhooks.due, server.store, skip=skip))
            for delivery in ready:
                task = asyncio.create_task(_send(server, client, delivery))
                under_way[delivery.id] = task
            await _wait(server.deliveries_wanted, LOOK_SECONDS)
            under_way = {ident: task for ident, task in under_way.items() if not task.done()}
    # What is cut off here is still noted as due, and is sent again after the next start.
    for task in under_way.values():
        task.cancel()
    await asyncio.gather(*under_way.values(), return_exceptions=True)


async def _send(server: Server, client: aiohttp.ClientSession, delivery: webhooks.Delivery) -> None:
    try:
        delivered = await _post(client, delivery)
    except (aiohttp.ClientError, TimeoutError) as error:
        log.info("Delivery of %s to %s failed: %r", delivery.event, delivery.url, error)
        delivered = False
    await server.work(lambda: webhooks.settle(server.store, delivery, delivered=delivered))


async def _post(client: aiohttp.ClientSession, delivery: webhooks.Delivery) -> bool:
    signature = webhooks.signature(delivery.body, delivery.secret, at=int(time.time()))
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": AGENT, "Stripe-Signature": signature}
    async with client.post(delivery.url, data=delivery.body, headers=headers, allow_redirects=False) as answer:
        return answer.status // 100 == SUCCESS


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
