"""What a model server's refusal means to the client: its own mistake is told to it, the operator's is not.

Servers of every dialect are understood: OpenAI's say `error.message` and `error.param`, Anthropic's name the field at
the beginning of `error.message`, and others have the message at the top.
"""

import re
from collections.abc import Mapping

import msgspec

from core.verdict import Refusal, Verdict

# The client's to mend: wrong fields, too long a prompt, content refused.
ITS_OWN = {400: Refusal.UPSTREAM_REFUSED, 413: Refusal.BODY_TOO_LARGE, 422: Refusal.UPSTREAM_REFUSED}
BUSY = frozenset({429, 503, 529})
MOST_MESSAGE = 2_000
OPERATORS_SECONDS = 30.0
_FIELD = re.compile(r"([a-z_]+)(?:\.[\w.-]+)?: ")
_NAME = re.compile(r"\w+")


def judge(status: int, body: bytes, *, renamed: Mapping[str, str], retry_after: float = 1) -> Verdict:
    """`renamed` has the client's name of each field that was translated for this server."""
    if status in ITS_OWN:
        message, param = _told(body)
        ours = _in_the_clients_words(param, renamed) if param else None
        return Verdict(ITS_OWN[status], message or f"The model server refused the request ({status}).", param=ours)
    message = "The model server is busy." if status in BUSY else f"The model server failed with status {status}."
    return Verdict(Refusal.UPSTREAM_UNAVAILABLE, message, retry_after=retry_after)


def none_left(seconds: float | None) -> Verdict:
    """`seconds` until one may take the request; None where only an operator can mend it, whom that gives a while."""
    message = "No server of this model can take requests at the moment."
    return Verdict(Refusal.UPSTREAM_UNAVAILABLE, message, retry_after=OPERATORS_SECONDS if seconds is None else seconds)


def _told(body: bytes) -> tuple[str, str | None]:
    """The message, which may be empty, and the field at fault, where one is named."""
    try:
        answer = msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "", None
    error = answer.get("error", answer)
    if not isinstance(error, dict):
        return _text(error), None
    message = _text(error.get("message") or error.get("detail"))
    named = _FIELD.match(message)
    return message, _text(error.get("param")) or (named.group(1) if named else None)


def _text(value: object) -> str:
    return value[:MOST_MESSAGE] if isinstance(value, str) else ""


def _in_the_clients_words(param: str, renamed: Mapping[str, str]) -> str:
    """Where a field was translated, what is inside it has other places than the client's."""
    first = _NAME.match(param)
    return renamed.get(first.group(), param) if first else param
