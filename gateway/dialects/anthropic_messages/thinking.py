"""How much the model may think: Anthropic's budgets and efforts as the efforts of chat completions."""

from typing import Literal

import msgspec


class Enabled(msgspec.Struct, tag_field="type", tag="enabled"):
    budget_tokens: int


class Adaptive(msgspec.Struct, tag_field="type", tag="adaptive"):
    """The model decides."""


class Disabled(msgspec.Struct, tag_field="type", tag="disabled"):
    pass


class JsonFormat(msgspec.Struct, tag_field="type", tag="json_schema"):
    schema: dict[str, msgspec.Raw]


class OutputConfig(msgspec.Struct):
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: JsonFormat | None = None


ThinkingConfig = Enabled | Adaptive | Disabled
# The effort that a budget of fewer tokens stands for.
EFFORTS = ((4_096, "low"), (16_384, "medium"))
MOST = "high"


def reasoning_effort(thinking: ThinkingConfig | None, output: OutputConfig | None) -> str | None:
    if isinstance(thinking, Disabled):
        return "none"
    if output is not None and output.effort is not None:
        return output.effort
    if isinstance(thinking, Enabled):
        return next((effort for below, effort in EFFORTS if thinking.budget_tokens < below), MOST)
    return None


def response_format(output: OutputConfig | None) -> dict[str, object] | None:
    if output is None or output.format is None:
        return None
    schema = {"name": "output", "schema": output.format.schema, "strict": True}
    return {"type": "json_schema", "json_schema": schema}
