"""How a refusal looks on the wire; what each code means is `core.refusals`.

A refusal that waiting a few seconds can't mend says `x-should-retry: false` and carries no `retry-after`; one that
waiting mends says how long, at most 60 seconds.
"""

import math

import msgspec

from core.refusals import TABLE, Page
from core.verdict import Verdict

RawHeaders = list[tuple[bytes, bytes]]
MOST_SECONDS = 60


def status_of(verdict: Verdict) -> int:
    return TABLE[verdict.code].status


def link_of(verdict: Verdict, *, portal_url: str) -> str:
    """The page that mends it, or that explains it where nothing on the portal does."""
    page = TABLE[verdict.code].page
    return f"{portal_url}{page}" if page != Page.DOCS else f"{portal_url}{page}#{verdict.code}"


def body_of(verdict: Verdict, *, url: str | None = None) -> bytes:
    error = _error(verdict)
    return msgspec.json.encode({"error": error if url is None else error | {"url": url}})


def stream_frame(verdict: Verdict) -> bytes:
    """The same refusal inside a stream that has begun: the SDK raises it as APIError."""
    return b"data: " + body_of(verdict) + b"\n\n"


def headers_of(verdict: Verdict) -> RawHeaders:
    if verdict.retry_after is None:
        return [(b"x-should-retry", b"false")]
    seconds = min(verdict.retry_after, MOST_SECONDS)
    return [
        (b"retry-after", str(max(1, math.ceil(seconds))).encode()),
        (b"retry-after-ms", str(math.ceil(seconds * 1000)).encode()),
    ]


def _error(verdict: Verdict) -> dict[str, object]:
    error: dict[str, object] = {
        "message": verdict.message,
        "type": TABLE[verdict.code].type,
        "param": verdict.param,
        "code": verdict.code.value,
    }
    return error if verdict.limit is None else error | {"limit": verdict.limit}
