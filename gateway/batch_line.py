"""A batch's line comes from our own worker, on behalf of the key that made the batch, without that key's secret."""

import time
from uuid import UUID

from core.signed import Purpose, line_event, read_signed
from gateway.settings import Settings

MARK = f"{Purpose.BATCH_LINE}~"


def line_named_by(credential: str, settings: Settings) -> tuple[str, UUID] | None:
    """Answer the id of the key that made the batch, and the usage event of the line; None where it is no such text.

    The address that a key is bound to was checked when the batch was made: a line comes from nowhere else.
    """
    if not credential.startswith(MARK):
        return None
    words = read_signed(credential, Purpose.BATCH_LINE, key=settings.batch_signing_key, at=time.time())
    if words is None:
        return None
    key_id, batch, line = words
    return key_id, line_event(UUID(batch), int(line))
