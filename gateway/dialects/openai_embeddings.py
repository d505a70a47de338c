"""POST /v1/embeddings: never streamed, input tokens alone. Vectors pass as they come, floats or base64."""

from dataclasses import dataclass

import msgspec

from core.usage import TokenCounts
from core.verdict import Verdict
from core.wire import ModelFacts, UpstreamFacts
from gateway.dialects import fields
from gateway.dialects.dialect import Forwarded
from gateway.dialects.fields import FieldRefused, RawFields
from gateway.dialects.openai_chat.usage import Usage, counts_of
from gateway.dialects.renaming import Renaming
from gateway.estimate import tokens_of_bytes


class EmbeddingFields(msgspec.Struct):
    model: str
    input: str | list[msgspec.Raw]
    user: str | None = None


class Answer(msgspec.Struct):
    data: list[msgspec.Raw]
    usage: Usage | None = None


_REQUEST = msgspec.json.Decoder(EmbeddingFields)
_ANSWER = msgspec.json.Decoder(Answer)


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    asked: EmbeddingFields
    raw: RawFields
    body: bytes

    kind = "embedding"
    is_stream = False
    service_tier = None

    @property
    def model(self) -> str:
        return self.asked.model

    @property
    def customer(self) -> str | None:
        return self.asked.user

    @property
    def prompt_bytes(self) -> int:
        return len(bytes(self.raw["input"]))

    def measured(self, _model: ModelFacts) -> bytes:
        return self.body

    def most_output(self, _model: ModelFacts) -> int:
        return 0

    def forward(self, model: ModelFacts, upstream: UpstreamFacts) -> Forwarded:
        body = fields.write(self.raw | {"model": fields.raw(upstream.model)})
        reading = EmbeddingReading(Renaming(upstream.model, model.slug), prompt_bytes=self.prompt_bytes)
        return Forwarded("/embeddings", body, reading)


class EmbeddingReading:
    def __init__(self, renaming: Renaming, *, prompt_bytes: int) -> None:
        self._rename = renaming
        self._prompt_bytes = prompt_bytes
        self._usage: Usage | None = None
        self.is_complete = False
        self.has_failed = False
        self.failed: Verdict | None = None
        self.service_tier: str | None = None

    def frame(self, frame: bytes) -> bytes:
        raise NotImplementedError(f"Embeddings are not streamed: {frame[:40]!r}")

    def last_frames(self) -> bytes:
        return b""

    def failure(self, verdict: Verdict) -> bytes:
        raise NotImplementedError(f"Embeddings are not streamed: {verdict.message}")

    def whole(self, body: bytes) -> bytes:
        try:
            self._usage = _ANSWER.decode(body).usage
        except msgspec.DecodeError as error:
            raise ValueError(str(error)) from None
        self.is_complete = True
        return self._rename(body)

    def counts(self) -> TokenCounts:
        if self._usage is not None:
            return counts_of(self._usage)
        return TokenCounts(input=tokens_of_bytes(self._prompt_bytes), requests=1)

    @property
    def is_estimated(self) -> bool:
        return self._usage is None


def read_embedding(body: bytes) -> EmbeddingRequest:
    """Raises `FieldRefused`."""
    asked, raw = fields.read(body, _REQUEST)
    if not asked.model:
        raise FieldRefused("Name a model.", param="model")
    return EmbeddingRequest(asked, raw, body)
