"""What a line of a batch's input file must be. Pure; messages and codes are for the developer who sent the file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

ENDPOINTS = ("/v1/chat/completions", "/v1/responses", "/v1/embeddings")
LONGEST_ID = 512


@dataclass(frozen=True, slots=True)
class LineError:
    """As OpenAI's API tells it; `line` counts from 1."""

    code: str
    line: int | None
    message: str
    param: str | None = None

    def shown(self) -> dict[str, object]:
        return {"code": self.code, "line": self.line, "message": self.message, "param": self.param}


@dataclass(frozen=True, slots=True)
class Line:
    """`body` is JSON."""

    number: int
    custom_id: str
    body: str


def read_line(raw: bytes, number: int, *, endpoint: str) -> Line | LineError:
    line = _parsed(raw)
    if not isinstance(line, dict):
        return LineError("invalid_json_line", number, "This line is not parseable as a JSON object.")
    error = next(_faults(line, number, endpoint=endpoint), None)
    return error or Line(number, line["custom_id"], json.dumps(line["body"]))


def is_storable(text: str) -> bool:
    """Tell whether the database can hold the text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON.")


def _faults(line: dict[str, Any], number: int, *, endpoint: str) -> Iterator[LineError]:
    for name in ("custom_id", "method", "url", "body"):
        if name not in line:
            yield LineError("missing_required_parameter", number, f"Missing required parameter: '{name}'.", name)
    custom_id, body = line["custom_id"], line["body"]
    if not isinstance(custom_id, str) or not 0 < len(custom_id) <= LONGEST_ID or not is_storable(custom_id):
        message = f"'custom_id' must be a text of 1 to {LONGEST_ID} characters."
        yield LineError("invalid_custom_id", number, message, "custom_id")
    if line["method"] != "POST":
        yield LineError("invalid_method", number, "'method' must be POST.", "method")
    if line["url"] != endpoint:
        message = f"'url' must be the batch's endpoint, {endpoint}."
        yield LineError("mismatched_url", number, message, "url")
    yield from _faults_of_body(body, number)


def _faults_of_body(body: Any, number: int) -> Iterator[LineError]:
    if not isinstance(body, dict):
        yield LineError("invalid_body", number, "'body' must be an object.", "body")
        return
    if not isinstance(body.get("model"), str):
        yield LineError("missing_required_parameter", number, "'body.model' must name a model.", "body.model")
    if body.get("stream"):
        yield LineError(
            "invalid_body", number, "'body.stream' must not be set: a batch has whole answers.", "body.stream"
        )
