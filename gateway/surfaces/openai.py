"""The surface that OpenAI's SDKs expect: chat completions, responses, embeddings, and whatever names no dialect."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from core.verdict import Refusal, Verdict
from core.wire import ModelFacts
from gateway import refusals
from gateway.admit import Reservation
from gateway.limit_headers import limit_headers, of_room
from gateway.refusals import RawHeaders
from gateway.sse import KEEP_ALIVE
from gateway.surfaces.refused_room import refused_room


class OpenAISurface:
    """Keep-alives are comments: an event named ping would reach the caller as a chunk without choices."""

    keep_alive = KEEP_ALIVE

    def status_of(self, verdict: Verdict) -> int:
        return refusals.status_of(verdict)

    def refusal(self, verdict: Verdict, *, request_id: str, url: str | None = None) -> bytes:  # noqa: ARG002
        """The request id travels in the header alone."""
        return refusals.body_of(verdict, url=url)

    def limits(self, reservation: Reservation) -> RawHeaders:
        return limit_headers(reservation)

    def limits_of(self, verdict: Verdict) -> RawHeaders:
        found = refused_room(verdict)
        if found is None:
            return []
        code, room = found
        return of_room("requests" if code == Refusal.REQUESTS_PER_MINUTE else "tokens", room)

    def model(self, model: ModelFacts) -> dict[str, object]:
        return {
            "id": model.slug,
            "object": "model",
            "created": model.created,
            "owned_by": model.owned_by,
            "shutdown_date": model.retires_at and datetime.fromtimestamp(model.retires_at, UTC).date().isoformat(),
        }

    def models(self, models: Sequence[ModelFacts], query: Mapping[str, str]) -> dict[str, object]:  # noqa: ARG002
        """All at once: this dialect has no pages."""
        return {"object": "list", "data": [self.model(model) for model in models]}


OPENAI = OpenAISurface()
