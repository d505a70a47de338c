"""The surface that Anthropic's SDKs expect: its error shape and codes, its limit headers, its list of models."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from core.refusals import TABLE
from core.verdict import Refusal, Verdict
from core.wire import ModelFacts
from gateway.admit import Reservation, Room
from gateway.refusals import RawHeaders
from gateway.surfaces.anthropic_models import page_of, shown
from gateway.surfaces.refused_room import refused_room

TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    429: "rate_limit_error",
    502: "api_error",
    503: "api_error",
    504: "timeout_error",
}
RATES = {
    Refusal.REQUESTS_PER_MINUTE: "requests",
    Refusal.INPUT_TOKENS_PER_MINUTE: "input-tokens",
    Refusal.OUTPUT_TOKENS_PER_MINUTE: "output-tokens",
}


class AnthropicSurface:
    keep_alive = b'event: ping\ndata: {"type":"ping"}\n\n'

    def status_of(self, verdict: Verdict) -> int:
        terms = TABLE[verdict.code]
        return terms.anthropic_status or terms.status

    def refusal(self, verdict: Verdict, *, request_id: str, url: str | None = None) -> bytes:
        """The code is the SDK's own where it has a class for what happened; otherwise ours, which it keeps as text."""
        error: dict[str, object] = {
            "type": self.type_of(verdict),
            "message": verdict.message,
            "details": {"error_code": TABLE[verdict.code].anthropic_code or verdict.code.value},
            "param": verdict.param,
        }
        if url is not None:
            error["url"] = url
        if verdict.limit is not None:
            error["limit"] = verdict.limit
        return msgspec.json.encode({"type": "error", "error": error, "request_id": request_id})

    def type_of(self, verdict: Verdict) -> str:
        return TYPES.get(self.status_of(verdict), "invalid_request_error")

    def limits(self, reservation: Reservation) -> RawHeaders:
        return [
            *_of("requests", reservation.requests_room),
            *_of("input-tokens", reservation.input_room),
            *_of("output-tokens", reservation.output_room),
        ]

    def limits_of(self, verdict: Verdict) -> RawHeaders:
        found = refused_room(verdict)
        return [] if found is None or found[0] not in RATES else _of(RATES[found[0]], found[1])

    def model(self, model: ModelFacts) -> dict[str, object]:
        return shown(model)

    def models(self, models: Sequence[ModelFacts], query: Mapping[str, str]) -> dict[str, object] | Verdict:
        return page_of(models, query)


def _of(name: str, room: Room) -> RawHeaders:
    """Resets are instants in RFC 3339 here, where OpenAI's dialect tells durations."""
    if room.limit is None:
        return []
    reset = (datetime.now(UTC) + timedelta(milliseconds=room.reset_ms)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [
        (f"anthropic-ratelimit-{name}-limit".encode(), str(room.limit).encode()),
        (f"anthropic-ratelimit-{name}-remaining".encode(), str(max(0, room.left)).encode()),
        (f"anthropic-ratelimit-{name}-reset".encode(), reset.encode()),
    ]


ANTHROPIC = AnthropicSurface()
