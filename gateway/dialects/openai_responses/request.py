"""The body of POST /v1/responses, stateless: what the gateway must know of it, and what it adds for an upstream."""

from typing import Annotated, Literal

import msgspec

from core.wire import ModelFacts
from gateway.dialects import fields, seals
from gateway.dialects.fields import Count, FieldRefused, RawFields
from gateway.dialects.foreign import without_foreign
from gateway.dialects.openai_responses.items import Reasoning as ReasoningItem
from gateway.dialects.openai_responses.items import Typed
from gateway.dialects.spoken import Asked

PROMPT_FIELDS = ("input", "instructions", "tools", "text")
COUNT_FIELDS = frozenset(
    ("input", "instructions", "parallel_tool_calls", "reasoning", "text", "tool_choice", "tools", "truncation")
)
STATELESS = "Responses are not stored here: send the whole conversation as input, and leave {} out."
# Anything but these values is refused.
STORED: dict[str, frozenset[bytes]] = {
    "store": frozenset({b"false"}),
    "background": frozenset({b"false"}),
    "previous_response_id": frozenset(),
    "conversation": frozenset(),
    "prompt": frozenset(),
}


class CallersTool(msgspec.Struct):
    """A tool that the caller runs. Those that OpenAI's servers run cost what nobody here has priced."""

    type: Literal["function", "custom", "local_shell", "shell", "apply_patch", "namespace"]


class ResponsesFields(msgspec.Struct):
    """The model server judges the rest."""

    model: Annotated[str, msgspec.Meta(min_length=1)]
    input: str | Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1)]
    stream: bool | None = None
    max_output_tokens: Count | None = None
    service_tier: str | None = None
    safety_identifier: str | None = None
    user: str | None = None
    tools: list[CallersTool] | None = None


_DECODER = msgspec.json.Decoder(ResponsesFields)


def read(body: bytes, version: str, is_count: bool) -> Asked:  # noqa: ARG001, FBT001 - as every dialect is read
    """Raises `FieldRefused`."""
    asked, raw = fields.read(body, _DECODER)
    for name, harmless in STORED.items():
        if fields.is_given(raw, name) and bytes(raw[name]) not in harmless:
            raise FieldRefused(STATELESS.format(name), param=name)
    return Asked(
        model=asked.model,
        raw=raw,
        body=body,
        is_stream=bool(asked.stream),
        bounds=(("max_output_tokens", asked.max_output_tokens),) if asked.max_output_tokens else (),
        customer=asked.safety_identifier or asked.user,
        service_tier=asked.service_tier,
    )


def passed_on(asked: Asked, model: ModelFacts) -> RawFields:
    """Never store, and always name a bound: the hold must cover what comes."""
    body = asked.raw | {"store": fields.raw(False)}
    if not asked.bounds:
        body["max_output_tokens"] = fields.raw(model.max_output_tokens)
    body["input"] = without_foreign(body["input"], _is_foreign)
    return body


def _is_foreign(item: msgspec.Raw) -> bool:
    """Reasoning that another dialect's server has sealed."""
    if msgspec.json.decode(item, type=Typed).type != "reasoning":
        return False
    return seals.is_foreign(msgspec.json.decode(item, type=ReasoningItem).encrypted_content or "")
