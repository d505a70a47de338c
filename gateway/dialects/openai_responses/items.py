"""The items of `input`, as far as other dialects can carry them. Others are refused by type."""

from typing import Literal

import msgspec


class InputText(msgspec.Struct, tag_field="type", tag="input_text"):
    text: str


class OutputText(msgspec.Struct, tag_field="type", tag="output_text"):
    text: str


class Refusal(msgspec.Struct, tag_field="type", tag="refusal"):
    refusal: str


class InputImage(msgspec.Struct, tag_field="type", tag="input_image"):
    image_url: str
    detail: str | None = None


class InputFile(msgspec.Struct, tag_field="type", tag="input_file"):
    file_data: str | None = None
    file_url: str | None = None
    filename: str | None = None


Part = InputText | OutputText | Refusal | InputImage | InputFile


class Message(msgspec.Struct):
    role: Literal["user", "assistant", "system", "developer"]
    content: str | list[Part]


class FunctionCall(msgspec.Struct):
    call_id: str
    name: str
    arguments: str


class FunctionCallOutput(msgspec.Struct):
    call_id: str
    output: str | list[InputText | InputImage | InputFile]


class SummaryText(msgspec.Struct):
    text: str


class Reasoning(msgspec.Struct):
    """What was thought in an earlier turn."""

    id: str = ""
    summary: list[SummaryText] = []
    content: list[SummaryText] | None = None
    encrypted_content: str | None = None


Item = Message | FunctionCall | FunctionCallOutput | Reasoning
TYPES: dict[str, type[Item]] = {
    "message": Message,
    "function_call": FunctionCall,
    "function_call_output": FunctionCallOutput,
    "reasoning": Reasoning,
}


class Typed(msgspec.Struct):
    """A message may leave its type out, so that these can't be a union that msgspec tells apart."""

    type: str = "message"
