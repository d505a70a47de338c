"""What OpenAI's dialects write alike."""

import msgspec

from gateway.dialects.options import Option

COPIED = {
    "temperature": Option.TEMPERATURE,
    "top_p": Option.TOP_P,
    "service_tier": Option.SERVICE_TIER,
    "metadata": Option.METADATA,
    "prompt_cache_key": Option.CACHE_KEY,
    "prompt_cache_retention": Option.CACHE_RETENTION,
    "prompt_cache_options": Option.CACHE_OPTIONS,
}


class PlainText(msgspec.Struct, tag_field="type", tag="text"):
    pass


class JsonObject(msgspec.Struct, tag_field="type", tag="json_object"):
    pass


def schema_of(parameters: msgspec.Raw) -> msgspec.Raw | None:
    """The schema of a function's arguments, on its own; None where there is none."""
    return None if bytes(parameters) == b"null" else msgspec.Raw(bytes(parameters))
