"""Idempotency keys: the first answer is kept and given again, 402 included."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

from sandbox.stripe.errors import StripeError

if TYPE_CHECKING:
    from sandbox.stripe.forms import Form
    from sandbox.stripe.store import Store

KIND = "idempotency_error"
MAX_LENGTH = 255
KEPT_SECONDS = 24 * 3600


class Answer(NamedTuple):
    """What a request was answered."""

    status: int
    body: str
    request_id: str
    replayed: bool = False


def fingerprint(method: str, path: str, form: Form) -> str:
    """Answer a digest of what a request asks for."""
    return hashlib.sha256(json.dumps([method, path, form], sort_keys=True).encode()).hexdigest()


def recall(store: Store, account: str, key: str, request: str, *, now: int) -> Answer | None:
    """Answer what this key was answered before; refuse the key for another request."""
    if len(key) > MAX_LENGTH:
        message = f"Idempotency keys must be at most {MAX_LENGTH} characters long."
        raise StripeError(message, kind="invalid_request_error")
    store.db.execute("DELETE FROM answers WHERE created < ?", (now - KEPT_SECONDS,))
    row = store.db.execute(
        "SELECT request, status, body, request_id FROM answers WHERE account = ? AND key = ?", (account, key)
    ).fetchone()
    if row is None:
        return None
    if row[0] != request:
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )
        raise StripeError(message, kind=KIND)
    return Answer(row[1], row[2], row[3], replayed=True)


def keep(store: Store, account: str, key: str, request: str, answer: Answer, *, now: int) -> None:
    """Keep an answer for a day."""
    store.db.execute(
        "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)",
        (account, key, request, answer.status, answer.body, answer.request_id, now),
    )


def in_use(key: str) -> StripeError:
    """Refuse the twin of a request that is still under way."""
    message = (
        "There is currently another in-progress request using this Idempotent Key "
        f"(that probably means you submitted twice, and the other request is still going through): {key}."
    )
    return StripeError(message, status=409, kind=KIND, code="idempotency_key_in_use")
