"""Giving a client what another request got, to the end or until the client hangs up."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from gateway.client import Client
from gateway.request_body import ClientGone, Receive
from gateway.retries.reading import Head, Missing, Part

REPLAYED = (b"idempotent-replayed", b"true")


async def repeat(parts: AsyncIterator[Part], client: Client, receive: Receive) -> Missing | None:
    """Answer what is missing, or None at the answer's end. Raises `ClientGone`, and whatever `parts` raises."""
    relay = asyncio.ensure_future(_relay(parts, client))
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        await asyncio.wait({relay, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not relay.done():
            raise ClientGone
        return relay.result()
    finally:
        await _end(relay, gone)


async def _relay(parts: AsyncIterator[Part], client: Client) -> Missing | None:
    async for part in parts:
        if isinstance(part, Missing):
            return part
        if isinstance(part, Head):
            await client.begin(part.status, [*part.headers, REPLAYED])
        else:
            await client.more(part.bytes, is_last=part.is_last)
    return None


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _end(*tasks: "asyncio.Future[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
