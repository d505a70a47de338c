"""GET /v1/models and /v1/models/{id}: what this key may call, and nothing else."""

import msgspec

from core.scope import Scope
from core.verdict import Verdict
from core.wire import ModelFacts
from gateway.client import Client
from gateway.gateway import Gateway
from gateway.grants import find_model, is_callable
from gateway.identify import Caller, Headers, identify


async def answer_models(
    gateway: Gateway, client: Client, headers: Headers, *, slug: str, address: str
) -> Verdict | None:
    """One model, or all where `slug` is empty. Raises `RedisDown`."""
    facts, settings = gateway.facts, gateway.settings
    caller = await identify(headers, scope=Scope.MODELS, facts=facts, settings=settings, address=address)
    if isinstance(caller, Verdict):
        return caller
    found = await (find_model(slug, caller=caller, facts=gateway.facts) if slug else _all_for(caller, gateway))
    if isinstance(found, Verdict):
        return found
    await client.answer(200, [], msgspec.json.encode(found if isinstance(found, dict) else _shown(found)))
    return None


async def _all_for(caller: Caller, gateway: Gateway) -> dict[str, object]:
    models = await gateway.facts.models()
    return {"object": "list", "data": [_shown(model) for model in models if is_callable(model, caller)]}


def _shown(model: ModelFacts) -> dict[str, object]:
    return {"id": model.slug, "object": "model", "created": model.created, "owned_by": model.owned_by}
