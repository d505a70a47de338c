"""The body of POST /v1/messages: what the gateway must know of it, and what it changes for an upstream."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from core.wire import ModelFacts
from gateway.anthropic_version import SERVED, WITHOUT_SAMPLING
from gateway.dialects import fields, seals
from gateway.dialects.anthropic_messages.blocks import Thinking
from gateway.dialects.fields import Count, FieldRefused, RawFields
from gateway.dialects.foreign import without_foreign
from gateway.dialects.saying import not_served
from gateway.dialects.spoken import Asked

PROMPT_FIELDS = ("messages", "system", "tools", "output_config")
COUNT_FIELDS = frozenset(("messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control"))
SAMPLING = ("temperature", "top_p", "top_k")
# Each is priced in a way that nobody here has a price for.
NEVER = ("container", "mcp_servers", "inference_geo")
NOTHING = frozenset({b"null", b"[]", b"{}"})
# Tools that Anthropic's servers run, by the beginning of their type.
SERVERS_TOOLS = ("web_search_", "web_fetch_", "code_execution_", "mcp_", "advisor_")


class Metadata(msgspec.Struct):
    user_id: str | None = None


class TypedTool(msgspec.Struct):
    type: str | None = None


class CountFields(msgspec.Struct):
    """The model server judges the rest."""

    model: Annotated[str, msgspec.Meta(min_length=1)]
    messages: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1)]
    tools: list[TypedTool] | None = None
    speed: Literal["standard"] | None = None
    stream: bool | None = None
    metadata: Metadata | None = None
    service_tier: Literal["auto", "standard_only"] | None = None
    max_tokens: Count | None = None


class MessagesFields(CountFields, kw_only=True):
    max_tokens: Count


_DECODER = msgspec.json.Decoder(MessagesFields)
_COUNT_DECODER = msgspec.json.Decoder(CountFields)


def read(body: bytes, version: str, is_count: bool) -> Asked:  # noqa: FBT001 - as every dialect is read
    """Raises `FieldRefused`."""
    asked, raw = fields.read(body, _COUNT_DECODER)
    if not is_count:
        asked = fields.decode(body, _DECODER)
    _refuse_what_is_not_served(raw, asked, version)
    return Asked(
        model=asked.model,
        raw=raw,
        body=body,
        is_stream=bool(asked.stream),
        bounds=(("max_tokens", asked.max_tokens),) if asked.max_tokens else (),
        customer=asked.metadata.user_id if asked.metadata else None,
        service_tier=asked.service_tier,
        version=version,
    )


def passed_on(asked: Asked, model: ModelFacts) -> RawFields:  # noqa: ARG001 - a bound is always named
    return asked.raw | {"messages": _without_foreign(asked.raw["messages"])}


def headers(asked: Asked) -> Mapping[str, str]:
    """A caller of another dialect may ask for sampling, which the newer version has not."""
    return {"anthropic-version": asked.version or SERVED[0]}


def _refuse_what_is_not_served(raw: RawFields, asked: CountFields, version: str) -> None:
    for name in SAMPLING if version == WITHOUT_SAMPLING else ():
        if _is_asked(raw, name):
            raise FieldRefused(f"{name} is no part of anthropic-version {version}.", param=name)
    for name in NEVER:
        if _is_asked(raw, name):
            raise not_served(name)
    for tool in asked.tools or ():
        if (tool.type or "").startswith(SERVERS_TOOLS):
            raise FieldRefused(f"A tool of the type {tool.type} can't be served.", param="tools")


def _is_asked(raw: RawFields, name: str) -> bool:
    return name in raw and bytes(raw[name]) not in NOTHING


def _without_foreign(messages: msgspec.Raw) -> msgspec.Raw:
    if seals.MARK.encode() not in bytes(messages):
        return messages
    told = msgspec.json.decode(messages, type=list[dict[str, msgspec.Raw]])
    for message in told:
        if "content" in message:
            message["content"] = without_foreign(message["content"], _is_foreign)
    return fields.raw(told)


def _is_foreign(block: msgspec.Raw) -> bool:
    """Thinking that another dialect's server has sealed, or that none has."""
    if msgspec.json.decode(block, type=TypedTool).type != "thinking":
        return False
    return seals.is_foreign(msgspec.json.decode(block, type=Thinking).signature)
