"""One job at a time per organization, while Stripe is asked and answered.

A lock of PostgreSQL's session, not of a transaction and not of Redis: it may be held during a network call without
keeping rows locked, it ends with the process that held it, however that ends, and it never expires under one that is
merely slow, as a lock with a time to live does. Fetching inside it keeps an older answer from overwriting a newer one.
One lock covers everything that an organization has at Stripe, so that two jobs never wait for each other in a circle.
(Behind a pooler it needs session pooling.)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import OperationalError, connection

from billing.payments.calls import ProviderUnavailable

# Longer than a job takes, shorter than a person's patience with a page.
WAIT_SECONDS = 20


class Busy(ProviderUnavailable):
    code = "payments_busy"
    title = "Another payment job of this organization is at work; try again in a moment"


@contextmanager
def one_at_a_time(organization_id: UUID, *, wait_seconds: int = WAIT_SECONDS) -> Iterator[None]:
    """Hold the organization's lock; the same connection may take it again inside. Raises `Busy` after the wait."""
    name = f"payments:{organization_id}"
    _take(name, wait_seconds)
    try:
        yield
    finally:
        _release(name)


@contextmanager
def unless_taken(name: str) -> Iterator[bool]:
    """Hold the lock of this name if it is free, and answer whether it was: no waiting."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours:
            _release(name)


def _release(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _take(name: str, wait_seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{wait_seconds}s"])
        try:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        except OperationalError as error:
            raise Busy from error
        finally:
            cursor.execute("RESET lock_timeout")
