"""How long a key may live: as long as its organization allows."""

from datetime import datetime, timedelta

from accounts.models import Organization
from core.errors import Invalid


def latest_expiry(organization: Organization, *, born: datetime) -> datetime | None:
    """The last instant at which a key made at `born` may expire; None where it may live for ever."""
    return born + timedelta(days=organization.max_key_days) if organization.max_key_days else None


def checked_expiry(
    expires_at: datetime | None, organization: Organization, *, born: datetime, now: datetime
) -> datetime | None:
    """Answer when the key expires: as asked, or at the latest allowed. Raises Invalid for the past and for too late."""
    latest = latest_expiry(organization, born=born)
    if expires_at is None:
        return latest
    if expires_at <= now:
        raise Invalid("A key can only expire in the future.")
    if latest is not None and expires_at > latest:
        raise Invalid(
            f"Keys of {organization} live at most {organization.max_key_days} days:"
            f" choose {latest:%Y-%m-%d %H:%M} UTC or earlier."
        )
    return expires_at
