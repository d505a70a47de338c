"""Publishing a plan version: from then on it is immutable, on the pricing page, and on its way to the provider."""

from datetime import datetime
from uuid import UUID

from celery import current_app
from django.db import transaction

from accounts.actor import Actor
from accounts.after_commit import after_commit
from accounts.audit import record
from accounts.permissions import Permission
from billing.models import Plan, PlanVersion
from core.errors import Conflict, Invalid

CURRENCY = "USD"
# A plan that costs $1 million a month is a slip of the keyboard; larger ones are contracts.
MAX_CENTS = 100_000_000


@transaction.atomic
def publish_plan_version(version: PlanVersion, *, actor: Actor, now: datetime) -> PlanVersion:
    """Publish a draft under the plan's next number. Raises NotAllowed, Conflict for a published one, Invalid."""
    actor.require(Permission.MANAGE_PLANS)
    # The plan's row lock orders publications, so that numbers follow each other.
    plan = Plan.objects.select_for_update().get(pk=version.plan_id)
    version = PlanVersion.objects.select_for_update().get(pk=version.pk)
    if version.is_published:
        raise Conflict(f"{version} is published already: make a new version instead.")
    _check(plan, version)
    version.number = 1 + plan.versions.filter(status=PlanVersion.Status.PUBLISHED).count()
    version.status = PlanVersion.Status.PUBLISHED
    version.published_at = now
    version.save()
    record(actor, "plan.published", version, at=now, terms=_terms(version))
    after_commit(_tell, version.pk, is_default=plan.is_default)
    return version


def _check(plan: Plan, version: PlanVersion) -> None:
    if version.currency != CURRENCY:
        raise Invalid(f"Plans are sold in {CURRENCY}.")
    amounts = (version.monthly_fee, version.included_credit, version.overage_limit)
    if not all(0 <= cents <= MAX_CENTS for cents in amounts):
        raise Invalid("A plan's fee, credit and overage limit are between $0 and $1,000,000.")
    if plan.is_default and any(amounts):
        raise Invalid("The default plan has no fee, no credit and no overage: nobody has agreed to pay for it.")


def _terms(version: PlanVersion) -> dict[str, int]:
    return {
        "number": version.number,
        "monthly_fee": version.monthly_fee,
        "included_credit": version.included_credit,
        "overage_limit": version.overage_limit,
    }


def _tell(version_id: UUID, *, is_default: bool) -> None:
    """Bring the version to the provider, and the default plan's new limits to the gateways."""
    current_app.signature("billing.tasks.push_plan_version", args=[str(version_id)]).delay()
    if is_default:
        current_app.signature("billing.tasks.publish_default_terms").delay()
