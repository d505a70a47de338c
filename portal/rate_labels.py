"""Rate limits in words."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from core.wire import RateLimits

LABELS: Mapping[str, str] = {
    "requests_per_minute": "Requests a minute",
    "requests_per_day": "Requests a day",
    "input_tokens_per_minute": "Input tokens a minute",
    "output_tokens_per_minute": "Output tokens a minute",
    "concurrent_requests": "Requests at once",
}


def labelled(limits: RateLimits) -> Sequence[tuple[str, int]]:
    """Answer the limits that there are, each with its label."""
    found: dict[str, int | None] = asdict(limits)
    return [(label, limit) for name, label in LABELS.items() if (limit := found[name]) is not None]
