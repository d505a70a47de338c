"""The ASGI application: routes, and the promise that every answer is JSON or an event stream with a request id."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from core.ids import uuid7
from core.verdict import Refusal, Verdict
from gateway import log
from gateway.anthropic_version import version_of
from gateway.call import request_id_of
from gateway.client import Client
from gateway.control_pass import is_passed
from gateway.count_endpoint import answer_count
from gateway.dialects.asking import read_chat, read_messages, read_responses
from gateway.dialects.dialect import Request
from gateway.dialects.openai_embeddings import read_embedding
from gateway.gateway import Gateway
from gateway.inference import infer
from gateway.me_endpoint import answer_me
from gateway.models_endpoint import answer_models
from gateway.peer import address_of
from gateway.receipt_endpoint import answer_receipt, id_in
from gateway.redis_pipe import RedisDown
from gateway.request_body import ClientGone, Receive, Send
from gateway.settings import Settings
from gateway.surfaces.anthropic import ANTHROPIC
from gateway.surfaces.choice import surface_of

Scope = dict[str, Any]

INFERENCE: dict[str, Callable[[bytes], Request]] = {
    "/v1/chat/completions": read_chat,
    "/v1/embeddings": read_embedding,
    "/v1/responses": read_responses,
}
MESSAGES = "/v1/messages"
COUNT_TOKENS = "/v1/messages/count_tokens"
STORED_RESPONSE = "/v1/responses/"
MODELS = "/v1/models"
ME = "/v1/me"
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
        surface = surface_of(scope["path"], scope["headers"])
        client = Client(send, request_id_of(id_), surface, portal_url=self._settings.portal_url)
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
            log.frequent(
                "refused", request=client.request_id, code=refused.code, status=client.surface.status_of(refused)
            )
            await client.refuse(refused)

    async def _route(self, scope: Scope, receive: Receive, client: Client, id_: UUID) -> Verdict | None:
        assert self._gateway is not None
        path, headers = scope["path"], scope["headers"]
        lost = None if path in INFERENCE and scope["method"] == "POST" else _lost(scope["method"], path)
        if lost is not None:
            return lost
        address = address_of(scope, self._settings)
        if path in INFERENCE:
            read = INFERENCE[path]
            return await infer(self._gateway, client, headers, receive, id_=id_, path=path, read=read, address=address)
        if path == HEALTH:
            return await self._health(client)
        version = version_of(headers) if client.surface is ANTHROPIC else ""
        if isinstance(version, Verdict):
            return version
        return await self._serve(scope, receive, client, id_, version=version, address=address)

    async def _serve(
        self, scope: Scope, receive: Receive, client: Client, id_: UUID, *, version: str, address: str
    ) -> Verdict | None:
        """The paths that an Anthropic version may say something about."""
        assert self._gateway is not None
        path, headers = scope["path"], scope["headers"]
        if is_passed(path):
            return await self._gateway.control_pass.answer(scope, receive, client, address=address)
        if path == MESSAGES:
            read = partial(read_messages, version=version)
            return await infer(self._gateway, client, headers, receive, id_=id_, path=path, read=read, address=address)
        if path == COUNT_TOKENS:
            return await answer_count(self._gateway, client, headers, receive, version=version, address=address)
        if path == ME:
            return await answer_me(self._gateway, client, headers, address=address)
        request_id = id_in(path)
        if request_id is not None:
            return await answer_receipt(self._gateway, client, headers, request_id=request_id, address=address)
        slug, query = path[len(MODELS) + 1 :], scope["query_string"]
        return await answer_models(self._gateway, client, headers, slug=slug, query=query, address=address)

    async def _health(self, client: Client) -> Verdict | None:
        assert self._gateway is not None
        health = self._gateway.health()
        await client.answer(200 if health["status"] == "ok" else 503, [], msgspec.json.encode(health))
        return None


def _lost(method: str, path: str) -> Verdict | None:
    if is_passed(path):
        return None
    if path.startswith(STORED_RESPONSE):
        return Verdict(Refusal.NOT_FOUND, f"Responses are not stored here, so there is none at {path}.")
    right = _method_of(path)
    if right is None:
        return Verdict(Refusal.NOT_FOUND, f"There is nothing at {path}. The API begins at /v1.")
    if method != right:
        return Verdict(Refusal.METHOD_NOT_ALLOWED, f"{path} is called with {right}, not with {method}.")
    return None


def _method_of(path: str) -> str | None:
    """The one method of a path; None where there is nothing."""
    if path in INFERENCE or path in (MESSAGES, COUNT_TOKENS):
        return "POST"
    is_read = path in (HEALTH, MODELS, ME) or path.startswith(f"{MODELS}/") or id_in(path) is not None
    return "GET" if is_read else None
