"""Typed reads of a request's body that name the field at fault; everything else in it passes untouched."""

import json
import re
from collections.abc import Mapping
from typing import Annotated, TypeVar

import msgspec

from core.verdict import Refusal, Verdict
from gateway.dialects.options import Option

Count = Annotated[int, msgspec.Meta(ge=1)]
Fields = TypeVar("Fields", bound=msgspec.Struct)
RawFields = dict[str, msgspec.Raw]

_AT = re.compile(r"\$\.(\w+)")
_MISSING = re.compile(r"required field `(\w+)`")
_RAW = msgspec.json.Decoder(RawFields)


class FieldRefused(Exception):
    """A field that can't be served as it is."""

    def __init__(self, message: str, *, param: str | None) -> None:
        super().__init__(message)
        self.param = param

    @property
    def verdict(self) -> Verdict:
        return Verdict(Refusal.INVALID_REQUEST, str(self), param=self.param)


def read(body: bytes, decoder: msgspec.json.Decoder[Fields]) -> tuple[Fields, RawFields]:
    """Answer the typed fields, and every field as it was written. Raises `FieldRefused`."""
    try:
        return decoder.decode(body), _RAW.decode(body)
    except msgspec.ValidationError as error:
        raise _refused(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FieldRefused(f"The body is not valid JSON: {error}.", param=None) from None


def decode(body: bytes, decoder: msgspec.json.Decoder[Fields]) -> Fields:
    """The typed fields of a body that was read before. Raises `FieldRefused`."""
    return read(body, decoder)[0]


def picked(raw: RawFields, names: Mapping[str, Option]) -> dict[Option, msgspec.Raw]:
    """The options among the fields, as they were written; null asks for nothing."""
    return {option: raw[name] for name, option in names.items() if is_given(raw, name)}


def is_given(raw: RawFields, name: str) -> bool:
    return name in raw and bytes(raw[name]) != b"null"


def decoded(data: bytes, decoder: msgspec.json.Decoder[Fields]) -> Fields:
    """What an upstream says. Half a surrogate pair, which is no text, becomes U+FFFD. Raises ValueError."""
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if b"\\ud" not in data.lower():
            raise ValueError(str(error)) from None
    text = json.dumps(json.loads(data), ensure_ascii=False)
    try:
        return decoder.decode(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None


def write(fields: RawFields) -> bytes:
    """Encode again; values are copied byte for byte. A name given twice is sent once, as it was judged."""
    return msgspec.json.encode(fields)


def raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _refused(problem: str) -> FieldRefused:
    found = _AT.search(problem) or _MISSING.search(problem)
    return FieldRefused(f"{problem.replace('Object missing', 'The body misses the')}.", param=found and found.group(1))
