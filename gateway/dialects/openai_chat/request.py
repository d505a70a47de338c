"""The body of POST /v1/chat/completions: what the gateway must know of it, and what it adds for an upstream."""

from typing import Annotated

import msgspec

from core.wire import ModelFacts
from gateway.dialects import fields
from gateway.dialects.fields import Count, FieldRefused, RawFields
from gateway.dialects.saying import not_served
from gateway.dialects.spoken import Asked

PROMPT_FIELDS = ("messages", "tools", "functions", "response_format")


class StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class ChatFields(msgspec.Struct):
    """The model server judges the rest."""

    model: str
    messages: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Count | None = None
    max_completion_tokens: Count | None = None
    n: Annotated[int, msgspec.Meta(ge=1, le=128)] | None = None
    service_tier: str | None = None
    safety_identifier: str | None = None
    user: str | None = None


_DECODER = msgspec.json.Decoder(ChatFields)


def read(body: bytes, version: str, is_count: bool) -> Asked:  # noqa: ARG001, FBT001 - as every dialect is read
    """Raises `FieldRefused`."""
    asked, raw = fields.read(body, _DECODER)
    if not asked.model:
        raise FieldRefused("Name a model.", param="model")
    if fields.is_given(raw, "web_search_options"):  # Its searches cost what nobody here has priced.
        raise not_served("web_search_options")
    return Asked(
        model=asked.model,
        raw=raw,
        body=body,
        is_stream=bool(asked.stream),
        bounds=_bounds(asked),
        answers=asked.n or 1,
        customer=asked.safety_identifier or asked.user,
        service_tier=asked.service_tier,
        shows_usage=bool(asked.stream_options and asked.stream_options.include_usage),
    )


def _bounds(asked: ChatFields) -> tuple[tuple[str, int], ...]:
    told = (("max_completion_tokens", asked.max_completion_tokens), ("max_tokens", asked.max_tokens))
    return tuple([(name, bound) for name, bound in told if bound is not None])


def passed_on(asked: Asked, model: ModelFacts) -> RawFields:
    """Always ask for usage, and always name a bound: the hold must cover what comes."""
    body = dict(asked.raw)
    if not asked.bounds:
        body["max_tokens"] = fields.raw(model.max_output_tokens)
    if asked.is_stream and not asked.shows_usage:
        options = msgspec.json.decode(body.get("stream_options", b"null")) or {}
        body["stream_options"] = fields.raw(options | {"include_usage": True})
    return body
