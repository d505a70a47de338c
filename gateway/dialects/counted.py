"""The tokens of a prompt where no upstream can be asked: the published rule, without a tokenizer."""

from collections.abc import Iterable

import msgspec

from gateway.dialects.fields import RawFields
from gateway.estimate import tokens_of_bytes

# A flat number for each picture, whose bytes say nothing about its tokens: about the most that Anthropic publishes.
TOKENS_OF_AN_IMAGE = 1_600
PICTURES = frozenset({"image", "image_url", "input_image"})


def estimated_input(raw: RawFields, names: Iterable[str]) -> int:
    """A token for each four bytes of the fields that the model reads, pictures apart."""
    bytes_, images = 0, 0
    for name in names:
        if name in raw:
            rest, found = _without_pictures(msgspec.json.decode(raw[name]))
            bytes_ += len(msgspec.json.encode(rest))
            images += found
    return tokens_of_bytes(bytes_) + images * TOKENS_OF_AN_IMAGE


def _without_pictures(value: object) -> tuple[object, int]:
    if isinstance(value, dict):
        kind = value.get("type")
        if isinstance(kind, str) and kind in PICTURES:
            return None, 1
        told = {name: _without_pictures(inner) for name, inner in value.items()}
        return {name: inner for name, (inner, _) in told.items()}, sum(found for _, found in told.values())
    if isinstance(value, list):
        parts = [_without_pictures(inner) for inner in value]
        return [inner for inner, found in parts if inner is not None], sum(found for _, found in parts)
    return value, 0
