"""How each refusal looks on the wire: one table, by code. Sources: the SDKs' own retry rules.

A refusal that waiting a few seconds can't mend says `x-should-retry: false` and carries no `retry-after`; one that
waiting mends says how long, at most 60 seconds.
"""

import math
from dataclasses import dataclass

import msgspec

from core.verdict import Refusal, Verdict

RawHeaders = list[tuple[bytes, bytes]]
MOST_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Surface:
    """The HTTP status, and OpenAI's `error.type`."""

    status: int
    type: str


_AUTHENTICATION = Surface(401, "authentication_error")
_PERMISSION = Surface(403, "permission_error")
_QUOTA = Surface(429, "insufficient_quota")
_RATE = Surface(429, "rate_limit_error")
_REQUEST = Surface(400, "invalid_request_error")

TABLE: dict[Refusal, Surface] = {
    Refusal.MISSING_KEY: _AUTHENTICATION,
    Refusal.MALFORMED_KEY: _AUTHENTICATION,
    Refusal.INVALID_KEY: _AUTHENTICATION,
    Refusal.EXPIRED_KEY: _AUTHENTICATION,
    Refusal.REVOKED_KEY: _AUTHENTICATION,
    Refusal.DISABLED_KEY: _AUTHENTICATION,
    Refusal.ADMIN_KEY: _PERMISSION,
    Refusal.ADDRESS_NOT_ALLOWED: _PERMISSION,
    Refusal.SCOPE_MISSING: _PERMISSION,
    Refusal.ORGANIZATION_SUSPENDED: _PERMISSION,
    Refusal.MODEL_NOT_FOUND: Surface(404, "invalid_request_error"),
    Refusal.MODEL_NOT_GRANTED: _PERMISSION,
    Refusal.MODEL_PAUSED: Surface(503, "service_unavailable"),
    Refusal.CREDIT_EXHAUSTED: _QUOTA,
    Refusal.CREDIT_RESERVED: _QUOTA,
    Refusal.REQUESTS_PER_MINUTE: _RATE,
    Refusal.REQUEST_EXCEEDS_LIMIT: _RATE,
    Refusal.INPUT_TOKENS_PER_MINUTE: _RATE,
    Refusal.OUTPUT_TOKENS_PER_MINUTE: _RATE,
    Refusal.CONCURRENT_REQUESTS: _RATE,
    Refusal.INVALID_REQUEST: _REQUEST,
    Refusal.BODY_TOO_LARGE: Surface(413, "invalid_request_error"),
    Refusal.NOT_FOUND: Surface(404, "invalid_request_error"),
    Refusal.REQUEST_NOT_STORED: Surface(404, "invalid_request_error"),
    Refusal.METHOD_NOT_ALLOWED: Surface(405, "invalid_request_error"),
    Refusal.UPSTREAM_UNAVAILABLE: Surface(502, "upstream_error"),
    Refusal.UPSTREAM_TIMEOUT: Surface(504, "upstream_error"),
    Refusal.UNAVAILABLE: Surface(503, "service_unavailable"),
}


def status_of(verdict: Verdict) -> int:
    return TABLE[verdict.code].status


def body_of(verdict: Verdict) -> bytes:
    return msgspec.json.encode({"error": _error(verdict)})


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
