"""A request of a dialect that holds conversations: passed on to an upstream that speaks it, else translated."""

from dataclasses import dataclass, field

import msgspec

from core.wire import ModelFacts, UpstreamFacts
from gateway.dialects import fields
from gateway.dialects.conversation import Conversation
from gateway.dialects.counted import estimated_input
from gateway.dialects.dialect import Counting, Forwarded
from gateway.dialects.fields import FieldRefused, RawFields
from gateway.dialects.options import USUAL, renamed
from gateway.dialects.registry import DIALECTS
from gateway.dialects.renaming import Renaming
from gateway.dialects.saying import CantSay, in_the_callers_words
from gateway.dialects.spoken import Asked, Dialect
from gateway.dialects.translated import TranslatedReading
from gateway.upstreams.installation import default_for


@dataclass(slots=True)
class Ask:
    """`_bodies` holds what has been translated, by dialect and bound, so that it is done once."""

    dialect: Dialect
    asked: Asked
    _bodies: dict[tuple[str, int], RawFields] = field(default_factory=dict)
    _conversation: Conversation | None = None
    _prompt_bytes: int | None = None

    kind = "chat"

    @property
    def model(self) -> str:
        return self.asked.model

    @property
    def is_stream(self) -> bool:
        return self.asked.is_stream

    @property
    def customer(self) -> str | None:
        return self.asked.customer

    @property
    def service_tier(self) -> str | None:
        return self.asked.service_tier

    @property
    def prompt_bytes(self) -> int:
        if self._prompt_bytes is None:
            raw = self.asked.raw
            self._prompt_bytes = sum([len(bytes(raw[name])) for name in self.dialect.prompt_fields if name in raw])
        return self._prompt_bytes

    def most_output(self, model: ModelFacts) -> int:
        for name, asked in self.asked.bounds:
            if asked > model.max_output_tokens:
                most = f"{model.max_output_tokens:,}"
                raise FieldRefused(f"{name} is {asked:,}; '{model.slug}' answers at most {most} tokens.", param=name)
        return self._bound(model) * self.asked.answers

    def measured(self, model: ModelFacts) -> bytes:
        """The longest of the bodies that the model's upstreams would get, and room for what they add themselves."""
        spoken = {upstream.dialect for upstream in model.upstreams} or {default_for(model).dialect}
        found: list[bytes] = []
        refused: FieldRefused | None = None
        for name in spoken:
            try:
                found.append(self._measured_in(DIALECTS[name], model))
            except FieldRefused as error:
                refused = error
        if refused is not None and not found:
            raise refused
        return max(found, key=len)

    def forward(self, model: ModelFacts, upstream: UpstreamFacts) -> Forwarded:
        theirs = DIALECTS[upstream.dialect]
        ours = theirs is self.dialect
        body = self.dialect.passed_on(self.asked, model) if ours else dict(self._translated(theirs, model))
        if not ours or upstream.model != self.asked.model:
            body["model"] = fields.raw(upstream.model)
        if ours:
            reading = theirs.passing(self.asked, model, Renaming(upstream.model, model.slug), self.prompt_bytes)
            return Forwarded(theirs.path, fields.write(body), reading, theirs.headers(self.asked))
        translated = TranslatedReading(
            theirs.reader(), self.dialect.writer(self.asked, model), prompt_bytes=self.prompt_bytes
        )
        names = renamed(theirs.names, self.dialect.names, self.asked.raw)
        return Forwarded(theirs.path, fields.write(body), translated, theirs.headers(self.asked), names)

    def counting(self, model: ModelFacts, upstream: UpstreamFacts) -> Counting | None:
        """How this upstream counts the prompt; None where its dialect has no word for that. Raises `FieldRefused`."""
        theirs = DIALECTS[upstream.dialect]
        if not theirs.count_path:
            return None
        ours = theirs is self.dialect
        body = self.dialect.passed_on(self.asked, model) if ours else self._translated(theirs, model)
        told = {name: value for name, value in body.items() if name in theirs.count_fields}
        told["model"] = fields.raw(upstream.model)
        names = {} if ours else renamed(theirs.names, self.dialect.names, self.asked.raw)
        return Counting(theirs.count_path, fields.write(told), theirs.headers(self.asked), names)

    def read_count(self, body: bytes) -> int:
        """The tokens that an upstream has counted: all dialects write them alike. Raises ValueError."""
        try:
            return msgspec.json.decode(body, type=_Counted).input_tokens
        except msgspec.DecodeError as error:
            raise ValueError(str(error)) from None

    def estimated_input(self) -> int:
        """The prompt's tokens by the published rule, for want of a better count."""
        return estimated_input(self.asked.raw, self.dialect.prompt_fields)

    def _bound(self, model: ModelFacts) -> int:
        return max((asked for _, asked in self.asked.bounds), default=0) or model.max_output_tokens

    def _measured_in(self, theirs: Dialect, model: ModelFacts) -> bytes:
        body = self.asked.body if theirs is self.dialect else fields.write(self._translated(theirs, model))
        return body + b" " * theirs.preamble if theirs.preamble else body

    def _translated(self, theirs: Dialect, model: ModelFacts) -> RawFields:
        """The fields without the model. Raises `FieldRefused`, in the caller's own words."""
        at = theirs.name, self._bound(model)
        if at not in self._bodies:
            try:
                self._bodies[at] = self._said_in(theirs, self._bound(model))
            except CantSay as error:
                raise in_the_callers_words(error, self.dialect.names, self.asked.raw) from None
        return self._bodies[at]

    def _said_in(self, theirs: Dialect, bound: int) -> RawFields:
        if self._conversation is None:
            self._conversation = self.dialect.conversation(self.asked)
        said = self._conversation
        for option, value in said.options.items():
            if (
                option not in theirs.names
                and option not in theirs.dropped
                and bytes(value) not in USUAL.get(option, ())
            ):
                raise CantSay(option)
        told = theirs.body(said, self.asked, bound)
        for option, value in said.options.items():
            if option in theirs.names:
                told.setdefault(theirs.names[option][0], value)
        return {name: _raw(value) for name, value in told.items() if value is not None}


def _raw(value: object) -> msgspec.Raw:
    return value if isinstance(value, msgspec.Raw) else fields.raw(value)


class _Counted(msgspec.Struct):
    input_tokens: int
