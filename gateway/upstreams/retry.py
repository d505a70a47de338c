"""When a request may go to another upstream: docs/adr/0009-retry-only-what-was-not-generated.md."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from gateway.upstream import UpstreamAnswer, UpstreamFailed, UpstreamSlow

MOST_ATTEMPTS = 3
# No attempt begins later than this after the first.
SECONDS = 30.0

BUSY = 429
# The server generated nothing: it is overloaded, or a proxy before it had none to ask.
OVERLOADED = frozenset({502, 503, 504, 529})
# It knows neither our key nor the model's name: the operator's to mend, and another upstream may be right.
MISCONFIGURED = frozenset({401, 403, 404})
RETRIED = OVERLOADED | MISCONFIGURED | {BUSY}
DEFAULT_BUSY = 1.0


def is_retried(failed: UpstreamFailed) -> bool:
    """Silence after the request was sent isn't: the server may be generating, and would charge for both."""
    return not (isinstance(failed, UpstreamSlow) and failed.was_sent)


def is_failure(status: int) -> bool:
    """Whether a status says that the upstream is not well; 429 says that it is busy."""
    return status in MISCONFIGURED or status >= 500  # noqa: PLR2004


def seconds_asked_for(answer: UpstreamAnswer) -> float | None:
    """How long the upstream asks to be left alone: `retry-after`, in seconds or as an instant."""
    text = answer.header("retry-after")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        return _seconds_until(text)
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds_until(text: str) -> float | None:
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
