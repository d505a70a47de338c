"""Who sent this webhook: Stripe, with our endpoint's secret, within the last five minutes, or nobody we listen to."""

import re
from datetime import datetime

import stripe

from core.errors import Invalid

TOLERANCE_SECONDS = 300
TIMESTAMP = re.compile(r"(?:^|,)t=(\d{1,12})(?:,|$)")


class Forged(Invalid):
    """The body is not what Stripe signed, or it was signed too long ago, or for later."""

    code = "webhook_signature_invalid"
    status = 400
    title = "The signature of this webhook is not valid"


def verify(body: bytes, header: str, *, secret: str, now: datetime) -> None:
    """Raise `Forged` unless `header` signs exactly these bytes, at a time near `now`."""
    if not secret:
        raise Forged("This installation has no webhook secret yet.")
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, ValueError, TypeError) as error:
        raise Forged from error
    # The SDK refuses what is old, but takes what is dated ahead, which could be replayed until then.
    signed_at = TIMESTAMP.search(header)
    if not signed_at or int(signed_at[1]) > now.timestamp() + TOLERANCE_SECONDS:
        raise Forged
