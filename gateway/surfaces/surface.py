"""What every surface answers, so that admission, forwarding and the routes know none of them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from core.verdict import Verdict
from core.wire import ModelFacts
from gateway.admit import Reservation
from gateway.refusals import RawHeaders


class Surface(Protocol):
    @property
    def keep_alive(self) -> bytes:
        """What a silent stream gets."""

    def status_of(self, verdict: Verdict) -> int: ...
    def refusal(self, verdict: Verdict, *, request_id: str, url: str | None = None) -> bytes:
        """`url` is the page that mends it."""

    def limits(self, reservation: Reservation) -> RawHeaders:
        """What is left after admission."""

    def limits_of(self, verdict: Verdict) -> RawHeaders:
        """The same where a rate has refused; nothing for other refusals."""

    def model(self, model: ModelFacts) -> dict[str, object]: ...
    def models(self, models: Sequence[ModelFacts], query: Mapping[str, str]) -> dict[str, object] | Verdict:
        """One page, as `query` asks for it."""
