"""`text`: how the answer is to be written, in the words of chat completions."""

from typing import Literal

import msgspec


class PlainText(msgspec.Struct, tag_field="type", tag="text"):
    pass


class JsonObject(msgspec.Struct, tag_field="type", tag="json_object"):
    pass


class JsonSchema(msgspec.Struct, tag_field="type", tag="json_schema"):
    name: str
    schema: dict[str, msgspec.Raw]
    description: str | None = None
    strict: bool | None = None


class TextConfig(msgspec.Struct):
    format: PlainText | JsonObject | JsonSchema | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


def response_format(text: TextConfig | None) -> dict[str, object] | None:
    format_ = text and text.format
    if isinstance(format_, JsonObject):
        return {"type": "json_object"}
    if isinstance(format_, JsonSchema):
        told = {name: value for name, value in msgspec.structs.asdict(format_).items() if value is not None}
        return {"type": "json_schema", "json_schema": told}
    return None
