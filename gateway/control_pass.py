"""Files and batches are the control plane's: this passes their calls on, streaming both ways.

The caller is judged here first, by the same facts as everywhere, so that nobody without a key can send a file; the
control plane judges again. It tells a refusal as the code and message of a verdict, which is answered in the shape of
the caller's SDK like any other.
"""

import re
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from core.scope import Scope
from core.signed import Purpose, signed
from core.verdict import VERDICT_TYPE, Refusal, Verdict
from gateway import log
from gateway.client import Client
from gateway.facts import Facts
from gateway.identify import identify
from gateway.request_body import ClientGone, Receive
from gateway.settings import Settings

# Nothing else of the control plane can be reached: a path with dots or escapes would be another one to its server.
PASSED = re.compile(
    r"/v1/(?:files(?:/[\w-]+(?:/content)?)?|batches(?:/[\w-]+(?:/cancel)?)?"
    r"|messages/batches(?:/[\w-]+(?:/(?:cancel|results))?)?)",
    re.ASCII,
)
TOLD_ON = {
    *(b"authorization", b"x-api-key", b"anthropic-version", b"x-stainless-retry-count"),
    *(b"content-type", b"content-length", b"accept"),
}
TOLD_BACK = ("content-type", "content-length", "content-disposition")
SIGNED_SECONDS = 60
CONNECT_SECONDS = 5.0
READ_SECONDS = 120.0
CHUNK = 64 * 1024
AWAY = Verdict(Refusal.UNAVAILABLE, "Files and batches can't be reached at the moment. Try again.", retry_after=2)
NOT_SERVED = Verdict(Refusal.NOT_FOUND, "Files and batches are not served here: BATCH_SIGNING_KEY is not set.")


def is_passed(path: str) -> bool:
    """Judge the path without its escapes."""
    return PASSED.fullmatch(path) is not None


class ControlPass:
    def __init__(self, settings: Settings, facts: Facts) -> None:
        self._settings = settings
        self._facts = facts
        self._session: aiohttp.ClientSession | None = None

    async def answer(self, scope: dict[str, Any], receive: Receive, client: Client, *, address: str) -> Verdict | None:
        """Raises `RedisDown` and `ClientGone`."""
        settings = self._settings
        if not settings.batch_signing_key:
            return NOT_SERVED
        caller = await identify(
            scope["headers"], scope=Scope.INFERENCE, facts=self._facts, settings=settings, address=address
        )
        if isinstance(caller, Verdict):
            return caller
        if caller.line is not None:
            return Verdict(Refusal.NOT_FOUND, "A batch's line makes no batches.")
        sent = _length(scope["headers"])
        if isinstance(sent, Verdict) or sent > settings.max_passed:
            return sent if isinstance(sent, Verdict) else _too_large(settings.max_passed)
        return await self._pass(scope, receive, client, address=address)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _pass(self, scope: dict[str, Any], receive: Receive, client: Client, *, address: str) -> Verdict | None:
        query = scope["query_string"].decode("latin-1")
        url = self._settings.control_url + scope["path"] + (f"?{query}" if query else "")
        try:
            async with self._opened().request(
                scope["method"],
                url,
                headers=self._headers(scope, client, address),
                data=_body(receive) if _length(scope["headers"]) else None,
                allow_redirects=False,
                skip_auto_headers=("user-agent", "content-type"),
            ) as response:
                return await _relay(response, client)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.line("control_pass.away", request=client.request_id, error=repr(error))
            if client.has_started:
                raise ClientGone from error  # Cut: what is half sent must not look whole.
            return AWAY

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS),
                # Not kept: what is passed on is rare and large, and a stale connection would fail a call for nothing.
                connector=aiohttp.TCPConnector(force_close=True, limit=64),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session

    def _headers(self, scope: dict[str, Any], client: Client, address: str) -> dict[str, str]:
        told = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in TOLD_ON}
        call = signed(
            Purpose.PASSED_CALL,
            [address, client.request_id],
            key=self._settings.batch_signing_key,
            until=time.time() + SIGNED_SECONDS,
        )
        return told | {"host": urlsplit(self._settings.portal_url).netloc, "x-passed-call": call}


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    """As many bytes as were announced, which the server has counted. Raises `ClientGone`."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


async def _relay(response: aiohttp.ClientResponse, client: Client) -> Verdict | None:
    if response.headers.get("content-type", "").startswith(VERDICT_TYPE):
        return _verdict(await response.read())
    if response.status >= 400:  # noqa: PLR2004 - What the control plane itself refuses is a verdict.
        log.line("control_pass.FAILED", request=client.request_id, status=response.status)
        return AWAY
    headers = [(name.encode(), response.headers[name].encode()) for name in TOLD_BACK if name in response.headers]
    id_ = client.request_id.encode()
    await client.begin(response.status, [*headers, (b"x-request-id", id_), (b"request-id", id_)])
    async for data in response.content.iter_chunked(CHUNK):
        await client.more(data, is_last=False)
    await client.end(b"")
    return None


def _verdict(body: bytes) -> Verdict:
    told = msgspec.json.decode(body)
    return Verdict(Refusal(told["code"]), told["message"], param=told["param"], retry_after=told["retry_after"])


def _length(headers: list[tuple[bytes, bytes]]) -> int | Verdict:
    named = dict(headers)
    if b"transfer-encoding" in named:
        return Verdict(Refusal.INVALID_REQUEST, "Send the body with a Content-Length.")
    return int(named.get(b"content-length", b"0"))


def _too_large(most: int) -> Verdict:
    return Verdict(Refusal.BODY_TOO_LARGE, f"The body is larger than {most:,} bytes.", param="file")
