"""What its owner should know of a key: that it lies idle, has grown old, or ends soon."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from keys.lifetime import latest_expiry
from keys.models import ApiKey

IDLE_AFTER = timedelta(days=60)
OLD_AFTER = timedelta(days=365)
SOON = timedelta(days=7)


class Hint(StrEnum):
    IDLE = "idle"
    OVER_AGE = "over_age"
    ENDS_SOON = "ends_soon"


def hints_of(key: ApiKey, *, at: datetime) -> Sequence[Hint]:
    """Answer the hints of a key that can be used; of others there is nothing to mend."""
    if not key.is_usable(at):
        return []
    judged = {Hint.ENDS_SOON: _ends_soon(key, at), Hint.IDLE: _is_idle(key, at), Hint.OVER_AGE: _is_old(key, at)}
    return [hint for hint, holds in judged.items() if holds]


def _ends_soon(key: ApiKey, at: datetime) -> bool:
    return key.expires_at is not None and key.expires_at - at <= SOON


def _is_idle(key: ApiKey, at: datetime) -> bool:
    return at - (key.last_used_at or key.created_at) > IDLE_AFTER


def _is_old(key: ApiKey, at: datetime) -> bool:
    """Old by custom, or made before its organization limited how long keys live."""
    latest = latest_expiry(key.organization, born=key.created_at)
    return at - key.created_at > OLD_AFTER or (latest is not None and (key.expires_at or at) > latest)
