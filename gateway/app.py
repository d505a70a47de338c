"""The ASGI application: routes, and the promise that every answer is JSON or an event stream with a request id."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec

from core.ids import uuid7
from core.verdict import Refusal, Verdict
from gateway import log
from gateway.call import request_id_of
from gateway.client import Client
from gateway.dialects.dialect import Request
from gateway.dialects.embeddings import read_embedding
from gateway.dialects.openai_chat import read_chat
from gateway.gateway import Gateway
from gateway.inference import infer
from gateway.models_endpoint import answer_models
from gateway.peer import address_of
from gateway.redis_pipe import RedisDown
from gateway.refusals import status_of
from gateway.request_body import ClientGone, Receive, Send
from gateway.settings import Settings

Scope = dict[str, Any]

INFERENCE: dict[str, Callable[[bytes], Request]] = {
    "/v1/chat/completions": read_chat,
    "/v1/embeddings": read_embedding,
}
MODELS = "/v1/models"
HEALTH = "/healthz"
REDIS_DOWN = Verdict(Refusal.UNAVAILABLE, "Keys and limits can't be checked at the moment. Try again.", retry_after=1)
BUG = Verdict(Refusal.UNAVAILABLE, "Something went wrong in the gateway. Nothing was charged.", retry_after=1)


class App:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._gateway: Gateway | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._gateway = Gateway(self._settings)
        await self._gateway.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._gateway.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        id_ = uuid7()
        client = Client(send, request_id_of(id_))
        try:
            refused = await self._route(scope, receive, client, id_)
        except ClientGone:
            return
        except RedisDown:
            refused = REDIS_DOWN
        except Exception as error:  # noqa: BLE001 - The edge: whatever went wrong, the client gets JSON.
            log.line("request.BUG", request=client.request_id, path=scope["path"], error=repr(error))
            refused = BUG
        if refused is not None and not client.has_started:
            log.line("refused", request=client.request_id, code=refused.code, status=status_of(refused))
            await client.refuse(refused)

    async def _route(self, scope: Scope, receive: Receive, client: Client, id_: UUID) -> Verdict | None:
        assert self._gateway is not None
        method, path, headers = scope["method"], scope["path"], scope["headers"]
        right = _method_of(path)
        if right is None:
            return Verdict(Refusal.NOT_FOUND, f"There is nothing at {path}. The API begins at /v1.")
        if method != right:
            return Verdict(Refusal.METHOD_NOT_ALLOWED, f"{path} is called with {right}, not with {method}.")
        address = address_of(scope, self._settings)
        if path in INFERENCE:
            read = INFERENCE[path]
            return await infer(self._gateway, client, headers, receive, id_=id_, read=read, address=address)
        if path == HEALTH:
            return await self._health(client)
        return await answer_models(self._gateway, client, headers, slug=path[len(MODELS) + 1 :], address=address)

    async def _health(self, client: Client) -> Verdict | None:
        assert self._gateway is not None
        health = self._gateway.health()
        await client.answer(200 if health["status"] == "ok" else 503, [], msgspec.json.encode(health))
        return None


def _method_of(path: str) -> str | None:
    """The one method of a path; None where there is nothing."""
    if path in INFERENCE:
        return "POST"
    return "GET" if path in (HEALTH, MODELS) or path.startswith(f"{MODELS}/") else None
