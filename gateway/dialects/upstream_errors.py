"""What an error inside an upstream's stream means to the caller. Its text is the operator's, and stays here."""

from core.verdict import Refusal, Verdict

BROKEN_OFF = Verdict(Refusal.UPSTREAM_UNAVAILABLE, "The model server broke off its answer.", retry_after=1)
BUSY = Verdict(Refusal.UPSTREAM_UNAVAILABLE, "The model server is too busy to go on.", retry_after=1)
LATE = Verdict(Refusal.UPSTREAM_TIMEOUT, "The model server took too long.", retry_after=1)
KNOWN = {
    "overloaded_error": BUSY,
    "rate_limit_error": BUSY,
    "rate_limit_exceeded": BUSY,
    "server_overloaded": BUSY,
    "slow_down": BUSY,
    "timeout_error": LATE,
    "timeout": LATE,
}


def failure_named(*names: object) -> Verdict:
    """By the error's `type` or `code`, whichever says more."""
    return next((KNOWN[name] for name in names if isinstance(name, str) and name in KNOWN), BROKEN_OFF)
