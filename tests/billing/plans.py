"""Plans and subscriptions to test with. Amounts in cents."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from unittest import mock

from accounts.models import Organization
from billing.models import Plan, PlanVersion, Subscription
from billing.plans import publish_plan_version
from core.usage import TokenCounts
from tests.factories import ROBOT

# The clock stands at 8 April 2026, noon; a subscription begun then is renewed at these instants.
MONTH_END = datetime(2026, 5, 8, 12, tzinfo=UTC)
NEXT_END = datetime(2026, 6, 8, 12, tzinfo=UTC)
TOKENS = TokenCounts(input=1_000_000, cache_read=200_000, output=300_000)
# Picodollars: 1.25 + 0.03 + 1.275 dollars.
COST = 1_250_000 * 1_000_000 + 150_000 * 200_000 + 4_250_000 * 300_000

_NUMBERS = count(1)


def draft_plan(slug: str, *, now: datetime, is_default: bool = False, **terms: Any) -> PlanVersion:
    plan = Plan.objects.create(slug=slug, name=slug.title(), is_default=is_default, created_at=now)
    return PlanVersion.objects.create(plan=plan, created_at=now, **({"monthly_fee": 0} | terms))


def make_plan(slug: str, *, now: datetime, is_default: bool = False, **terms: Any) -> PlanVersion:
    """Publish a plan's first version. The provider hears nothing of it."""
    draft = draft_plan(slug, now=now, is_default=is_default, **terms)
    with mock.patch("billing.plans._tell"):
        return publish_plan_version(draft, actor=ROBOT, now=now)


def make_subscription(
    organization: Organization, terms: PlanVersion, *, start: datetime, end: datetime
) -> Subscription:
    """Make the row that the synchronization with the provider writes."""
    return Subscription.objects.create(
        organization=organization,
        plan_version=terms,
        status=Subscription.Status.ACTIVE,
        stripe_subscription_id=f"sub_{next(_NUMBERS)}",
        stripe_item_id="si_1",
        started_at=start,
        current_period_start=start,
        current_period_end=end,
        created_at=start,
    )


def renew(subscription: Subscription, end: datetime) -> None:
    subscription.current_period_start = subscription.current_period_end
    subscription.current_period_end = end
    subscription.save()
