"""The demo's plans. Amounts in cents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from billing.models import Plan, PlanVersion
from billing.plan_drafts import create_plan, draft_version
from billing.plans import publish_plan_version


@dataclass(frozen=True)
class DemoPlan:
    slug: str
    fields: Mapping[str, Any]
    terms: Mapping[str, Any]


PLANS = (
    DemoPlan(
        "free",
        {"name": "Free", "summary": "Try it with the welcome credit.", "position": 10, "is_default": True},
        {
            "monthly_fee": 0,
            "requests_per_minute": 60,
            "requests_per_day": 10_000,
            "input_tokens_per_minute": 60_000,
            "output_tokens_per_minute": 30_000,
            "concurrent_requests": 4,
            "features": ["All public models", "Community support"],
        },
    ),
    DemoPlan(
        "build",
        {"name": "Build", "summary": "For a product with its first users.", "position": 20},
        {
            "monthly_fee": 2_000,
            "included_credit": 2_500,
            "overage_limit": 10_000,
            "requests_per_minute": 600,
            "input_tokens_per_minute": 600_000,
            "output_tokens_per_minute": 200_000,
            "concurrent_requests": 32,
            "features": ["All public models", "E-mail support"],
        },
    ),
    DemoPlan(
        "scale",
        {"name": "Scale", "summary": "For traffic that does not wait.", "position": 30},
        {
            "monthly_fee": 20_000,
            "included_credit": 25_000,
            "overage_limit": 200_000,
            "requests_per_minute": 6_000,
            "input_tokens_per_minute": 6_000_000,
            "output_tokens_per_minute": 2_000_000,
            "concurrent_requests": 256,
            "features": ["All public models", "Priority support"],
        },
    ),
)


def load_plans(*, actor: Actor, now: datetime) -> None:
    present = set(Plan.objects.values_list("slug", flat=True))
    for demo in PLANS:
        if demo.slug not in present:
            _load(demo, actor=actor, now=now)


@transaction.atomic
def _load(demo: DemoPlan, *, actor: Actor, now: datetime) -> None:
    plan = create_plan(Plan(slug=demo.slug, **demo.fields), actor=actor, now=now)
    draft = draft_version(PlanVersion(plan=plan, **demo.terms), actor=actor, now=now)
    publish_plan_version(draft, actor=actor, now=now)
