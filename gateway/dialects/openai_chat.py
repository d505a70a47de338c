"""POST /v1/chat/completions: the request. The answer is read in openai_chat_reading.py."""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from core.wire import ModelFacts, UpstreamFacts
from gateway.dialects import fields
from gateway.dialects.dialect import Forwarded
from gateway.dialects.fields import FieldRefused, RawFields
from gateway.dialects.openai_chat_reading import ChatReading
from gateway.dialects.renaming import Renaming

Count = Annotated[int, msgspec.Meta(ge=1)]
PROMPT_FIELDS = ("messages", "tools", "functions", "response_format")


class StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class ChatFields(msgspec.Struct):
    """Only what the gateway must know; the model server judges the rest."""

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


@dataclass(frozen=True, slots=True)
class ChatRequest:
    asked: ChatFields
    raw: RawFields
    body: bytes

    kind = "chat"

    @property
    def model(self) -> str:
        return self.asked.model

    @property
    def is_stream(self) -> bool:
        return bool(self.asked.stream)

    @property
    def customer(self) -> str | None:
        return self.asked.safety_identifier or self.asked.user

    @property
    def service_tier(self) -> str | None:
        return self.asked.service_tier

    @property
    def prompt_bytes(self) -> int:
        return sum(len(bytes(self.raw[name])) for name in PROMPT_FIELDS if name in self.raw)

    def measured(self, _model: ModelFacts) -> bytes:
        return self.body

    def most_output(self, model: ModelFacts) -> int:
        for name in ("max_completion_tokens", "max_tokens"):
            asked = getattr(self.asked, name)
            if asked is not None and asked > model.max_output_tokens:
                most = f"{model.max_output_tokens:,}"
                raise FieldRefused(f"{name} is {asked:,}; '{model.slug}' answers at most {most} tokens.", param=name)
        most_of_one = max(self.asked.max_completion_tokens or 0, self.asked.max_tokens or 0) or model.max_output_tokens
        return most_of_one * (self.asked.n or 1)

    def forward(self, model: ModelFacts, upstream: UpstreamFacts) -> Forwarded:
        body, reading = self.upstream_body(model, upstream), self.reading(model, upstream)
        return Forwarded("/chat/completions", body, reading)

    def upstream_body(self, model: ModelFacts, upstream: UpstreamFacts) -> bytes:
        """Always ask for usage, and always name a bound: the hold must cover what comes."""
        body = dict(self.raw)
        if upstream.model != self.asked.model:
            body["model"] = fields.raw(upstream.model)
        if self.asked.max_completion_tokens is None and self.asked.max_tokens is None:
            body["max_tokens"] = fields.raw(model.max_output_tokens)
        if self.is_stream and not self.wants_usage:
            options = msgspec.json.decode(body.get("stream_options", b"null")) or {}
            body["stream_options"] = fields.raw(options | {"include_usage": True})
        return fields.write(body)

    @property
    def wants_usage(self) -> bool:
        return bool(self.asked.stream_options and self.asked.stream_options.include_usage)

    def reading(self, model: ModelFacts, upstream: UpstreamFacts) -> ChatReading:
        renaming = Renaming(upstream.model, model.slug)
        return ChatReading(renaming, prompt_bytes=self.prompt_bytes, shows_usage=self.wants_usage)


def read_chat(body: bytes) -> ChatRequest:
    """Raises `FieldRefused`."""
    asked, raw = fields.read(body, _DECODER)
    if not asked.model:
        raise FieldRefused("Name a model.", param="model")
    return ChatRequest(asked, raw, body)
