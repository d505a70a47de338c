"""Form decoding: `a[b]=1`, `a[0][b]=1` and `a[]=1` become nested hashes of strings."""

from __future__ import annotations

import re
from typing import Union
from urllib.parse import parse_qsl

from sandbox.stripe.errors import StripeError

Form = dict[str, Union[str, "Form"]]
SEGMENT = re.compile(r"\[([^\[\]]*)\]")


def decode(text: str) -> Form:
    """Answer a form or a query string as nested hashes; list items are keyed by their index."""
    form: Form = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, _, rest = name.partition("[")
        _put(form, [head, *SEGMENT.findall("[" + rest if rest else "")], value, name=name)
    return form


def _put(form: Form, path: list[str], value: str, *, name: str) -> None:
    inner = form
    for segment in path[:-1]:
        child = inner.setdefault(_key(inner, segment), {})
        if not isinstance(child, dict):
            raise StripeError(f"Invalid parameter: {name}", param=name)
        inner = child
    inner[_key(inner, path[-1])] = value


def _key(inner: Form, segment: str) -> str:
    return segment or str(len(inner))
