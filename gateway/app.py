"""The ASGI application: routes, and the promise that every answer is JSON or an event stream with a request id."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from core.ids import uuid7
from core.verdict import Refusal, Verdict
from gateway import log, offered
from gateway.anthropic_version import version_of
from gateway.call import request_id_of
from gateway.client import Client
from gateway.control_pass import is_passed
from gateway.count_endpoint import answer_count
from gateway.dialects.asking import (
    read_chat,
    read_messages,
    read_messages_count,
    read_responses,
    read_responses_count,
)
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
    offered.CHAT: read_chat,
    offered.EMBEDDINGS: read_embedding,
    offered.RESPONSES: read_responses,
}
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
        lost = None if path in INFERENCE and scope["method"] == "POST" else offered.lost(scope["method"], path)
        if lost is not None:
            return lost
        address = address_of(scope, self._settings)
        if path in INFERENCE:
            read = INFERENCE[path]
            return await infer(self._gateway, client, headers, receive, id_=id_, path=path, read=read, address=address)
        if path == offered.HEALTH:
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
        if path == offered.MESSAGES:
            read = partial(read_messages, version=version)
            return await infer(self._gateway, client, headers, receive, id_=id_, path=path, read=read, address=address)
        if path in (offered.COUNT_TOKENS, offered.COUNT_INPUT):
            return await self._count(scope, receive, client, version=version, address=address)
        if path == offered.ME:
            return await answer_me(self._gateway, client, headers, address=address)
        request_id = id_in(path)
        if request_id is not None:
            return await answer_receipt(self._gateway, client, headers, request_id=request_id, address=address)
        slug, query = path[len(offered.MODELS) + 1 :], scope["query_string"]
        return await answer_models(self._gateway, client, headers, slug=slug, query=query, address=address)

    async def _count(
        self, scope: Scope, receive: Receive, client: Client, *, version: str, address: str
    ) -> Verdict | None:
        assert self._gateway is not None
        is_responses = scope["path"] == offered.COUNT_INPUT
        read = read_responses_count if is_responses else partial(read_messages_count, version=version)
        told = {"object": "response.input_tokens"} if is_responses else {}
        gateway, headers = self._gateway, scope["headers"]
        return await answer_count(gateway, client, headers, receive, read=read, told=told, address=address)

    async def _health(self, client: Client) -> Verdict | None:
        assert self._gateway is not None
        health = self._gateway.health()
        await client.answer(200 if health["status"] == "ok" else 503, [], msgspec.json.encode(health))
        return None
