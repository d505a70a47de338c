"""Stripe's webhooks: verified on the raw body, stored once, answered at once, handled by a job.

An event is a notification that an object has changed, no more: it comes at least once and in any order. So it is
handled by fetching that object; the payload is kept for people who look into the admin.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from accounts.after_commit import after_commit
from billing.models import WebhookEvent
from billing.payments.guard import is_foreign
from billing.payments.signature import Forged, verify
from billing.payments.webhook_secret import webhook_secret

# The columns' length.
MOST_CHARACTERS = 80
# PostgreSQL stores no NUL, which JSON writes like this. The payload is for people to read, so that one written
# otherwise loses nothing, while a refused event would come again and again.
NUL, REPLACEMENT = rb"\u0000", rb"\ufffd"

Enqueue = Callable[[str], object]


@dataclass(frozen=True)
class Notification:
    id: str
    type: str
    object_id: str
    created_at: datetime
    livemode: bool
    api_version: str
    payload: dict[str, Any]


def receive(body: bytes, signature: str, *, enqueue: Enqueue, now: datetime) -> None:
    """Store the event and have it handled after the commit. An event that is known already changes nothing.

    Raises `Forged`, having written nothing. Events of live mode are dropped where only test mode is allowed.
    """
    verify(body, signature, secret=webhook_secret(), now=now)
    event = parse(body)
    if not is_foreign(livemode=event.livemode):
        store(event, enqueue=enqueue, now=now)


def parse(body: bytes) -> Notification:
    """Read the few fields that we use; raises `Forged` where they are missing or too long, which Stripe's never are."""
    try:
        payload = json.loads(body.replace(NUL, REPLACEMENT))
        return Notification(
            id=_name(payload["id"]),
            type=_name(payload["type"]),
            # Some objects have no id, such as a balance.
            object_id=_name(payload["data"]["object"].get("id") or ""),
            created_at=datetime.fromtimestamp(int(payload["created"]), tz=UTC),
            livemode=payload["livemode"] is not False,
            api_version=_name(payload.get("api_version") or "", most=40),
            payload=payload,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Forged("This is not an event.") from error


def _name(value: object, *, most: int = MOST_CHARACTERS) -> str:
    """Raises ValueError for what is longer than any id, type or version of Stripe's."""
    name = str(value)
    if len(name) > most:
        raise ValueError(name)
    return name


@transaction.atomic
def store(event: Notification, *, enqueue: Enqueue, now: datetime) -> None:
    _, is_new = WebhookEvent.objects.get_or_create(
        id=event.id,
        defaults={
            "type": event.type,
            "object_id": event.object_id,
            "api_version": event.api_version,
            "payload": event.payload,
            "created_at": event.created_at,
            "received_at": now,
        },
    )
    if is_new:
        # With the queue away, the event is safe here, and the sweep finds it.
        after_commit(enqueue, event.id)
