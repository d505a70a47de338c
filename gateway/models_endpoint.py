"""GET /v1/models and /v1/models/{id}: what this key may call, and nothing else."""

from urllib.parse import parse_qsl

import msgspec

from core.scope import Scope
from core.verdict import Verdict
from gateway.client import Client
from gateway.gateway import Gateway
from gateway.grants import find_model, is_callable
from gateway.identify import Caller, Headers, identify
from gateway.lifecycle_headers import lifecycle_headers


async def answer_models(
    gateway: Gateway, client: Client, headers: Headers, *, slug: str, query: bytes, address: str
) -> Verdict | None:
    """One model, or all where `slug` is empty. Raises `RedisDown`."""
    facts, settings = gateway.facts, gateway.settings
    caller = await identify(headers, scope=Scope.MODELS, facts=facts, settings=settings, address=address)
    if isinstance(caller, Verdict):
        return caller
    shown = await (_one(slug, caller, gateway, client) if slug else _page(query, caller, gateway, client))
    if isinstance(shown, Verdict):
        return shown
    await client.answer(200, [], msgspec.json.encode(shown))
    return None


async def _one(slug: str, caller: Caller, gateway: Gateway, client: Client) -> dict[str, object] | Verdict:
    found = await find_model(slug, caller=caller, facts=gateway.facts)
    if isinstance(found, Verdict):
        return found
    client.told = lifecycle_headers(found, portal_url=gateway.settings.portal_url)
    return client.surface.model(found)


async def _page(query: bytes, caller: Caller, gateway: Gateway, client: Client) -> dict[str, object] | Verdict:
    models = [model for model in await gateway.facts.models() if is_callable(model, caller)]
    return client.surface.models(models, dict(parse_qsl(query.decode("latin-1"))))
