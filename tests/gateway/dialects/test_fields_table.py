"""The guide's table of what becomes of each field, held against what the code does with it.

`GOLDEN=write pytest …` writes the table anew.
"""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.dialects.fields import FieldRefused
from tests.gateway.dialects.field_samples import PLAIN, SAMPLES
from tests.gateway.dialects.matrix import NAMES, READ, forwarded
from tests.gateway.dialects.sdk_types import REQUESTS, fields_of

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "adding-a-dialect.md"
BEGIN, END = "<!-- fields -->\n", "<!-- end of the fields -->"
TITLES = {"openai_chat": "Chat completions", "openai_responses": "Responses", "anthropic_messages": "Messages"}


@pytest.mark.parametrize("client", NAMES)
def test_every_field_of_the_sdk_has_a_row(client: str) -> None:
    told = {sample[0] if isinstance(sample, tuple) else name for name, sample in SAMPLES[client].items()}

    missing = fields_of(REQUESTS[client]) - told - {"model", "messages", "input", "stream_options"}

    assert not missing


def test_the_guide_has_the_table() -> None:
    guide = GUIDE.read_text()
    if os.environ.get("GOLDEN") == "write":
        before, rest = guide.split(BEGIN)
        GUIDE.write_text(before + BEGIN + table() + rest[rest.index(END) :])

    assert table() in GUIDE.read_text()
    assert "refused as" not in table()


def table() -> str:
    return "\n".join(part for client in NAMES for part in _part(client)) + "\n"


def _part(client: str) -> list[str]:
    head = [f"#### {TITLES[client]}, as callers write them", ""]
    head += ["| field | " + " | ".join(f"`{server}`" for server in NAMES) + " |", "|---|---|---|---|"]
    rows = [
        f"| `{name}` | " + " | ".join(_becomes(client, server, sample, name) for server in NAMES) + " |"
        for name, sample in SAMPLES[client].items()
    ]
    return [*head, *rows, ""]


def _becomes(client: str, server: str, sample: Any, name: str) -> str:
    """A pair names the field, and its value or, where one field needs another, all of them."""
    field, value = sample if isinstance(sample, tuple) else (name, sample)
    given = value if isinstance(value, dict) and field in value and " with " in name else {field: value}
    try:
        told = _sent(client, server, given)
    except FieldRefused as refused:
        return "refused" if refused.param == field else f"refused as {refused.param}"
    without = _sent(client, server, {name: value for name, value in given.items() if name != field})
    return "told" if told != without else "left out"


def _sent(client: str, server: str, given: dict[str, Any]) -> dict[str, Any]:
    ask = READ[client](msgspec.json.encode({"model": "muse-spark"} | PLAIN[client] | given))
    body: dict[str, Any] = msgspec.json.decode(forwarded(ask, server).body)
    return body
