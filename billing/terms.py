"""Which plan version an organization is served under, and what follows from it."""

from uuid import UUID

from billing.models import PlanVersion, Subscription


def terms_of(organization_id: UUID) -> PlanVersion | None:
    """Answer the pinned version of the subscription in service, otherwise the default plan's newest published one."""
    in_service = Subscription.objects.filter(organization_id=organization_id, status__in=Subscription.IN_SERVICE)
    subscription = in_service.select_related("plan_version__plan").order_by("-created_at").first()
    return subscription.plan_version if subscription else default_terms()


def default_terms() -> PlanVersion | None:
    """Answer the terms of organizations without a subscription; None where no plan is the default."""
    versions = PlanVersion.objects.filter(plan__is_default=True, status=PlanVersion.Status.PUBLISHED)
    return versions.select_related("plan").order_by("-number").first()
