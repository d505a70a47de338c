"""How much a key may ask for in a minute, in a day and at once, beside what its organization may."""

from dataclasses import asdict

from core.errors import Invalid
from core.wire import RateLimits
from keys.models import ApiKey

# What fits into the column. Beyond it a limit would limit nothing.
MOST = 2_147_483_647


def checked_limits(limits: RateLimits, *, kind: str) -> RateLimits:
    """Answer them as they are. Raises Invalid."""
    asked = {name: limit for name, limit in asdict(limits).items() if limit is not None}
    if asked and kind == ApiKey.Kind.ADMIN:
        raise Invalid("An admin key calls no models: rates and tokens don’t limit it.")
    if wrong := [name for name, limit in asked.items() if not 1 <= limit <= MOST]:
        raise Invalid(f"A limit is 1 to {MOST:,}, or none: see {wrong[0]}. To stop a key, disable it.")
    return limits
