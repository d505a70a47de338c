"""A seller with a plan, a buyer with a card, and the post between Stripe and us, which the test delivers by hand."""

import json
from collections.abc import Sequence
from datetime import datetime

import httpx2
import stripe

from accounts.actor import Actor
from accounts.models import Organization
from billing.models import BillingAccount, Plan, PlanVersion, WebhookEvent
from billing.payments.checkout import start_subscription_checkout
from billing.payments.client import client
from billing.payments.demo_clock import move
from billing.payments.event_handling import handle_event
from billing.payments.inbox import receive
from billing.payments.price_push import push_plan_version
from billing.plans import publish_plan_version

CARD = {"email": "ada@acme.example", "number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123", "name": "Ada"}
DECLINED = "4000 0000 0000 0002"
DECLINED_LATER = "4000 0000 0000 0341"
SECRET = "whsec_only_for_tests"
STAFF = Actor.job("tests")


class Shop:
    """One test's view of a stand-in that other tests have used before."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now
        self.stripe = client()
        self.version = self.plan("build", now=now)
        self.last = self.stripe.v1.events.list({"limit": 1}).data[0].id

    def plan(self, slug: str, *, now: datetime, fee: int = 2_000, credit: int = 2_500) -> PlanVersion:
        plan = Plan.objects.create(slug=slug, name=slug.title(), summary="For builders", created_at=now)
        version = PlanVersion(plan=plan, monthly_fee=fee, included_credit=credit, overage_limit=10_000, created_at=now)
        version.save()
        return push_plan_version(publish_plan_version(version, actor=STAFF, now=now), now=now)

    def checkout(self, organization: Organization, version: PlanVersion | None = None) -> str:
        """Answer the address of the page where a plan is bought."""
        return start_subscription_checkout(organization, version or self.version, actor=STAFF, now=self.now)

    def pay(self, url: str, *, number: str = CARD["number"]) -> httpx2.Response:
        return httpx2.post(url, data=CARD | {"number": number}, trust_env=False)

    def subscribe(self, organization: Organization, *, number: str = CARD["number"]) -> None:
        self.pay(self.checkout(organization), number=number)
        self.deliver()

    def customer(self, organization: Organization) -> str:
        return BillingAccount.objects.get(organization=organization).stripe_customer_id or ""

    def events(self) -> list[stripe.Event]:
        """Answer the events since the last call, oldest first."""
        found: list[stripe.Event] = []
        while page := self.stripe.v1.events.list({"ending_before": self.last, "limit": 100}).data:
            found += reversed(page)
            self.last = found[-1].id
        return found

    def deliver(self, events: Sequence[stripe.Event] | None = None) -> None:
        """Bring events to the webhook as Stripe does, and do the jobs that they enqueue."""
        for event in self.events() if events is None else events:
            jobs: list[str] = []
            receive(*signed(event, now=self.now), enqueue=jobs.append, now=self.now)
            for job in jobs:
                handle_event(job, now=self.now)

    def advance(self, organization: Organization, to: datetime) -> None:
        move(BillingAccount.objects.get(organization=organization).stripe_test_clock_id, to=to)


def signed(event: stripe.Event, *, now: datetime, secret: str = SECRET) -> tuple[bytes, str]:
    body = json.dumps(event.to_dict(for_json=True))
    header = stripe.WebhookSignature.generate_signature_header(body, secret, int(now.timestamp()))
    return body.encode(), header


def unhandled() -> list[str]:
    return list(WebhookEvent.objects.filter(processed_at=None).values_list("type", flat=True))
