"""Reading a chat completion as it passes: bytes go on as they came, only usage is taken out of them."""

from typing import Any

import msgspec

from core.usage import TokenCounts
from core.verdict import Verdict
from core.wire import ModelFacts
from gateway.dialects import fields
from gateway.dialects.openai_chat.usage import Usage, counts_of
from gateway.dialects.renaming import Renaming
from gateway.dialects.spoken import Asked
from gateway.dialects.tiers import tier_of
from gateway.dialects.upstream_errors import failure_named
from gateway.estimate import tokens_of_bytes
from gateway.refusals import stream_frame
from gateway.sse import DONE, data_of, frame_of


class Delta(msgspec.Struct):
    """Untyped where only presence matters: an unusual content must not hide the usage beside it."""

    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    refusal: Any = None
    tool_calls: Any = None

    @property
    def is_thought(self) -> bool:
        return bool(self.reasoning_content or self.reasoning)

    @property
    def is_said(self) -> bool:
        return bool(self.content or self.refusal or self.tool_calls)


class Choice(msgspec.Struct):
    delta: Delta | None = None
    message: Delta | None = None


class Answer(msgspec.Struct):
    """A chunk, or a whole completion."""

    choices: list[Choice] = []
    usage: Usage | None = None
    service_tier: str | None = None
    error: Any = None


_DECODER = msgspec.json.Decoder(Answer)


class ChatReading:
    """Where the model server gives no usage, each delta delivered counts as one output token (never more than it
    made), a whole text as a token for four bytes, and the prompt as a token for four bytes.
    """

    def __init__(self, renaming: Renaming, *, prompt_bytes: int, shows_usage: bool) -> None:
        self._rename = renaming
        self._prompt_bytes = prompt_bytes
        self._shows_usage = shows_usage
        self._usage: Usage | None = None
        self._said = 0
        self._thought = 0
        self._last = b""
        self.service_tier: str | None = None
        self.failed: Verdict | None = None
        self.is_complete = False

    @property
    def has_failed(self) -> bool:
        return self.failed is not None

    def frame(self, frame: bytes) -> bytes:
        data = data_of(frame)
        if data == b"[DONE]":
            self.is_complete = True
            return b""
        try:
            chunk = _DECODER.decode(data)
        except msgspec.DecodeError:
            return self._rename(frame) if data else b""
        if chunk.error is not None:
            error = chunk.error if isinstance(chunk.error, dict) else {}
            self.failed = failure_named(error.get("type"), error.get("code"))
            return b""
        self._count(chunk)
        return self._shown(frame, data, chunk)

    def whole(self, body: bytes) -> bytes:
        try:
            answer = _DECODER.decode(body)
        except msgspec.DecodeError as error:
            raise ValueError(str(error)) from None
        self._usage, self.service_tier = answer.usage, tier_of(answer.service_tier)
        for choice in answer.choices:
            message = choice.message or Delta()
            self._said += _tokens_of(message.content)
            self._thought += _tokens_of(message.reasoning_content or message.reasoning)
        self.is_complete = True
        return self._rename(body)

    def last_frames(self) -> bytes:
        return self._last + DONE

    def failure(self, verdict: Verdict) -> bytes:
        return stream_frame(verdict)

    def counts(self) -> TokenCounts:
        if self._usage is not None:
            return counts_of(self._usage)
        prompt = tokens_of_bytes(self._prompt_bytes)
        return TokenCounts(input=prompt, output=self._said, reasoning=self._thought, requests=1)

    @property
    def is_estimated(self) -> bool:
        return self._usage is None

    def _count(self, chunk: Answer) -> None:
        if chunk.usage is not None:
            self._usage, self.service_tier = chunk.usage, tier_of(chunk.service_tier)
        for choice in chunk.choices:
            if choice.delta is not None and choice.delta.is_said:
                self._said += 1
            elif choice.delta is not None and choice.delta.is_thought:
                self._thought += 1

    def _shown(self, frame: bytes, data: bytes, chunk: Answer) -> bytes:
        if chunk.usage is None:
            return self._rename(frame)
        if not chunk.choices:
            self._last = self._rename(frame) if self._shows_usage else b""
            return b""
        return self._rename(frame) if self._shows_usage else self._rename(_without_usage(data))


def _tokens_of(text: object) -> int:
    return tokens_of_bytes(len(text.encode())) if isinstance(text, str) else 0


def _without_usage(data: bytes) -> bytes:
    """Some model servers put the usage beside the last choice: that one chunk is written again."""
    chunk = msgspec.json.decode(data, type=fields.RawFields)
    chunk.pop("usage", None)
    return frame_of(fields.write(chunk))


def passing(asked: Asked, model: ModelFacts, rename: Renaming, prompt_bytes: int) -> ChatReading:  # noqa: ARG001
    return ChatReading(rename, prompt_bytes=prompt_bytes, shows_usage=asked.shows_usage)
