"""Changes at Stripe, each made once.

The intent is a row with the whole request, committed before the call; its key makes Stripe answer a repeated request
with the first one's result. What a crash leaves pending is repeated with the same request under the same key, and,
because Stripe may forget keys after a day, looked for first when older. `attempt` rises after a refusal alone, because
Stripe repeats a refusal under the same key too.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Protocol, TypeVar, cast

import stripe
import structlog
from django.db import transaction

from billing.models import ProviderCall
from core.errors import TollwayError

log = structlog.get_logger(__name__)

# Stripe keeps idempotency keys for at least 24 hours.
KEYS_ARE_KEPT = timedelta(hours=23)

# Stripe has decided, and will decide the same again.
DEFINITIVE = (stripe.CardError, stripe.InvalidRequestError, stripe.PermissionError)

# Nobody has decided anything: the line, the rate, our key, or Stripe itself.
AWAY = (stripe.APIConnectionError, stripe.RateLimitError, stripe.AuthenticationError, stripe.APIError)


class ProviderRefused(TollwayError):
    """Stripe understood and said no; `error` is its own description."""

    code = "payment_provider_refused"
    status = 402
    title = "The payment provider refused"

    def __init__(self, call: ProviderCall) -> None:
        self.call = call
        super().__init__(str((call.error or {}).get("message") or self.title))


class ProviderUnavailable(TollwayError):
    """Nobody knows yet whether it happened; the same intent is tried again later."""

    code = "payment_provider_unavailable"
    status = 503
    title = "The payment provider does not answer; try again in a moment"


@contextmanager
def translated_failures() -> Iterator[None]:
    """Let what the SDK raises when Stripe can't be reached leave this package as `ProviderUnavailable`."""
    try:
        yield
    except AWAY as error:
        raise unavailable(error) from error


def unavailable(error: stripe.StripeError) -> ProviderUnavailable:
    """Answer what to raise, having logged the cause: a wrong key looks like an outage to everyone else."""
    log.warning("stripe_unavailable", error=type(error).__name__, message=error.user_message)
    return ProviderUnavailable()


class Identified(Protocol):
    @property
    def id(self) -> str: ...


Request = TypeVar("Request", bound=Mapping[str, Any])
Send = Callable[[Request, stripe.RequestOptions], Identified]
Find = Callable[[], Identified | None]


def nothing_to_find() -> None:
    """For changes that are the same however often they are made, such as setting a field."""


def call_once(
    operation: str,
    subject: str,
    *,
    request: Request,
    send: Send[Request],
    find: Find,
    now: datetime,
    look_first: bool = False,
) -> str:
    """Answer the id of what `send` made, now or at an earlier call of the same operation on the same subject.

    `send` is one method of the SDK. `find` answers what an earlier request has made, or None; it is asked where
    the key can no longer tell, or always with `look_first`. Raises `ProviderRefused` or `ProviderUnavailable`.
    Never called inside a transaction.
    """
    call = intend(operation, subject, request=request, now=now)
    if call.status == ProviderCall.Status.SUCCEEDED:
        return call.provider_id
    if (look_first or now - call.created_at > KEYS_ARE_KEPT) and (found := find()):
        return settle(call, found.id, now=now)
    try:
        answer = send(cast("Request", call.request), {"idempotency_key": call.idempotency_key})
    except stripe.IdempotencyError as error:
        return _settle_found(call, find, error=error, now=now)
    except DEFINITIVE as error:
        raise refuse(call, error, now=now) from error
    except stripe.StripeError as error:
        raise unavailable(error) from error
    return settle(call, answer.id, now=now)


@transaction.atomic(durable=True)
def intend(operation: str, subject: str, *, request: Mapping[str, Any], now: datetime) -> ProviderCall:
    """Answer the intent that is pending or done, otherwise a new one, committed."""
    calls = ProviderCall.objects.filter(operation=operation, subject=subject)
    standing = calls.exclude(status=ProviderCall.Status.REFUSED).first()
    if standing:
        return standing
    attempt = calls.count() + 1
    call, _ = ProviderCall.objects.get_or_create(
        operation=operation,
        subject=subject,
        attempt=attempt,
        defaults={
            "idempotency_key": f"tollway:{operation}:{subject}:{attempt}",
            "request": dict(request),
            "created_at": now,
        },
    )
    return call


def settle(call: ProviderCall, provider_id: str, *, now: datetime) -> str:
    call.status = ProviderCall.Status.SUCCEEDED
    call.provider_id = provider_id
    call.finished_at = now
    call.save(update_fields=["status", "provider_id", "finished_at"])
    return provider_id


def refuse(call: ProviderCall, error: stripe.StripeError, *, now: datetime) -> ProviderRefused:
    call.status = ProviderCall.Status.REFUSED
    call.error = {"code": error.code, "message": error.user_message, "status": error.http_status}
    call.finished_at = now
    call.save(update_fields=["status", "error", "finished_at"])
    return ProviderRefused(call)


def _settle_found(call: ProviderCall, find: Find, *, error: stripe.IdempotencyError, now: datetime) -> str:
    """Answer what an earlier request under this key made; where it made nothing, the key is spent."""
    if error.http_status == HTTPStatus.CONFLICT:
        raise ProviderUnavailable from error  # A twin of this request is under way at this moment.
    found = find()
    if not found:
        raise refuse(call, error, now=now) from error
    return settle(call, found.id, now=now)
