"""POST /v1/messages/count_tokens: who may call the model may ask, and pays nothing."""

import msgspec

from core.scope import Scope
from core.verdict import Verdict
from gateway.client import Client
from gateway.dialects.asking import read_messages_count
from gateway.dialects.fields import FieldRefused
from gateway.gateway import Gateway
from gateway.grants import find_model, refuse_unless_callable
from gateway.identify import Headers, identify
from gateway.request_body import Receive, read_body


async def answer_count(
    gateway: Gateway, client: Client, headers: Headers, receive: Receive, *, version: str, address: str
) -> Verdict | None:
    """Raises `RedisDown` and `ClientGone`."""
    settings, facts = gateway.settings, gateway.facts
    caller = await identify(headers, scope=Scope.INFERENCE, facts=facts, settings=settings, address=address)
    if isinstance(caller, Verdict):
        return caller
    body = await read_body(headers, receive, most=settings.max_body, seconds=settings.body_seconds)
    if isinstance(body, Verdict):
        return body
    try:
        asked = read_messages_count(body, version=version)
    except FieldRefused as refused:
        return refused.verdict
    model = await find_model(asked.model, caller=caller, facts=facts)
    refused_model = model if isinstance(model, Verdict) else refuse_unless_callable(model, kind="chat")
    if refused_model is None:
        await client.answer(200, [], msgspec.json.encode({"input_tokens": asked.estimated_input()}))
    return refused_model
