"""Preparing plans: a plan, and the draft of its next version. Publishing is another file's business."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.permissions import Permission
from billing.models import Plan, PlanVersion
from core.errors import Conflict

TERMS = (
    "monthly_fee",
    "included_credit",
    "overage_limit",
    "requests_per_minute",
    "requests_per_day",
    "input_tokens_per_minute",
    "output_tokens_per_minute",
    "concurrent_requests",
    "features",
)


@transaction.atomic
def create_plan(plan: Plan, *, actor: Actor, now: datetime) -> Plan:
    """Save a new plan. It is offered once a version of it is published. Raises NotAllowed."""
    actor.require(Permission.MANAGE_PLANS)
    plan.created_at = now
    plan.save(force_insert=True)
    record(actor, "plan.created", plan, at=now)
    return plan


@transaction.atomic
def change_plan(plan: Plan, fields: Sequence[str], *, actor: Actor, now: datetime) -> None:
    """Save how the plan is presented. Raises NotAllowed."""
    actor.require(Permission.MANAGE_PLANS)
    before = Plan.objects.select_for_update().get(pk=plan.pk)
    changes = {field: [getattr(before, field), getattr(plan, field)] for field in fields}
    plan.save(update_fields=fields)
    record(actor, "plan.changed", plan, at=now, changes=changes)


@transaction.atomic
def draft_version(version: PlanVersion, *, actor: Actor, now: datetime) -> PlanVersion:
    """Save a new draft. Raises NotAllowed, Conflict where the plan has a draft already."""
    actor.require(Permission.MANAGE_PLANS)
    plan = Plan.objects.select_for_update().get(pk=version.plan_id)
    if plan.versions.filter(status=PlanVersion.Status.DRAFT).exists():
        raise Conflict(f"{plan} has a draft already: edit that one.")
    version.created_at = now
    version.save(force_insert=True)
    record(actor, "plan.drafted", version, at=now, terms=_terms(version))
    return version


@transaction.atomic
def change_draft(version: PlanVersion, *, actor: Actor, now: datetime) -> None:
    """Save the draft's terms. Raises NotAllowed, Conflict once it is published."""
    actor.require(Permission.MANAGE_PLANS)
    if PlanVersion.objects.select_for_update().get(pk=version.pk).is_published:
        raise Conflict(f"{version} is published: draft a new version instead.")
    version.save(update_fields=TERMS)
    record(actor, "plan.draft_changed", version, at=now, terms=_terms(version))


@transaction.atomic
def discard_draft(version: PlanVersion, *, actor: Actor, now: datetime) -> None:
    """Delete a draft. Raises NotAllowed, Conflict once it is published."""
    actor.require(Permission.MANAGE_PLANS)
    version = PlanVersion.objects.select_for_update(of=["self"]).get(pk=version.pk)
    if version.is_published:
        raise Conflict(f"{version} is published: it stays.")
    record(actor, "plan.draft_discarded", version, at=now, terms=_terms(version))
    version.delete()


def _terms(version: PlanVersion) -> dict[str, object]:
    return {term: getattr(version, term) for term in TERMS}
