"""Jobs. Each takes ids, may run twice at once and any number of times, and ends in one action."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from billing import accrue, allowance, budget_notices, expire, expiry_notices, velocity
from billing import check_books as books
from billing.models import PlanVersion
from billing.payments import demo_clock, event_handling, price_push, sweep
from billing.payments.calls import ProviderUnavailable

# Stripe is away, or a lock is taken for a moment: again in 1, 2, 4 … seconds; the sweep stands behind.
AWAY = (ProviderUnavailable,)


@shared_task(autoretry_for=AWAY, retry_backoff=True, max_retries=8)
def handle_webhook_event(event_id: str) -> None:
    event_handling.handle_event(event_id, now=timezone.now())


@shared_task
def handle_webhook_events_left() -> None:
    event_handling.handle_what_is_left(now=timezone.now())


@shared_task
def sweep_payments() -> None:
    sweep.sweep(now=timezone.now())


@shared_task
def sweep_all_payments() -> None:
    sweep.sweep_all(now=timezone.now())


@shared_task(autoretry_for=AWAY, retry_backoff=True, max_retries=8)
def push_plan_version(version_id: str) -> None:
    price_push.push_plan_version(PlanVersion.objects.get(pk=version_id), now=timezone.now())


@shared_task
def publish_default_terms() -> None:
    allowance.publish_default_terms()


@shared_task
def publish_everything() -> None:
    allowance.publish_everything()


@shared_task(autoretry_for=AWAY, retry_backoff=True, max_retries=8)
def advance_demo_clock(organization_id: str) -> None:
    demo_clock.proceed(Organization.objects.get(pk=UUID(organization_id)), now=timezone.now())


@shared_task
def resume_demo_clocks() -> None:
    demo_clock.resume(now=timezone.now())


@shared_task
def accrue_usage() -> None:
    accrue.accrue_all(now=timezone.now())


@shared_task
def expire_credit() -> None:
    expire.expire_what_is_due(now=timezone.now())


@shared_task
def send_expiry_notices() -> None:
    expiry_notices.send_expiry_notices(now=timezone.now())


@shared_task
def check_books() -> None:
    books.check_books(now=timezone.now())


@shared_task
def notice_budgets() -> None:
    budget_notices.notice_budgets(now=timezone.now())


@shared_task
def freeze_what_races() -> None:
    velocity.freeze_what_races(now=timezone.now())
