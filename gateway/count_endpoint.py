"""POST /v1/messages/count_tokens and /v1/responses/input_tokens: who may call the model may ask, and pays nothing."""

from collections.abc import Callable, Mapping

import msgspec

from core.scope import Scope
from core.verdict import Verdict
from gateway.client import Client
from gateway.count_prompt import count_prompt
from gateway.dialects.ask import Ask
from gateway.dialects.fields import FieldRefused
from gateway.gateway import Gateway
from gateway.grants import find_model, refuse_unless_callable
from gateway.identify import Headers, identify
from gateway.request_body import Receive, read_body

# No server has counted: it is the published rule's number.
ESTIMATED = (b"x-token-count", b"estimated")


async def answer_count(
    gateway: Gateway,
    client: Client,
    headers: Headers,
    receive: Receive,
    *,
    read: Callable[[bytes], Ask],
    told: Mapping[str, object],
    address: str,
) -> Verdict | None:
    """`told` is what the answer says besides. Raises `RedisDown` and `ClientGone`."""
    settings, facts = gateway.settings, gateway.facts
    caller = await identify(headers, scope=Scope.INFERENCE, facts=facts, settings=settings, address=address)
    if isinstance(caller, Verdict):
        return caller
    body = await read_body(headers, receive, most=settings.max_body, seconds=settings.body_seconds)
    if isinstance(body, Verdict):
        return body
    try:
        asked = read(body)
    except FieldRefused as refused:
        return refused.verdict
    model = await find_model(asked.model, caller=caller, facts=facts)
    refused_model = model if isinstance(model, Verdict) else refuse_unless_callable(model, kind="chat")
    if isinstance(model, Verdict) or refused_model is not None:
        return refused_model
    count = await count_prompt(asked, model, gateway.servers)
    if isinstance(count, Verdict):
        return count
    marks = [ESTIMATED] if count.is_estimated else []
    await client.answer(200, marks, msgspec.json.encode({**told, "input_tokens": count.tokens}))
    return None
