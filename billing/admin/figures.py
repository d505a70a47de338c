"""A customer's figures beside the row of the organization, for the list and the page alike."""

from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import Organization
from billing.models import BillingAccount, PlanVersion, Subscription
from usage.models import Wallet


def with_figures(organizations: QuerySet[Organization]) -> QuerySet[Organization]:
    """Add the plan's name, the wallet in picodollars (None before the account is opened), and the provider's ids."""
    wallets = Wallet.objects.filter(organization_id=OuterRef("pk"))
    accounts = BillingAccount.objects.filter(organization=OuterRef("pk"))
    available = wallets.annotate(available_now=F("credit") - F("spent") + F("credit_limit"))
    return organizations.annotate(
        plan_name=_plan_name(),
        wallet_available=Subquery(available.values("available_now")),
        wallet_credit=Subquery(wallets.values("credit")),
        wallet_spent=Subquery(wallets.values("spent")),
        wallet_limit=Subquery(wallets.values("credit_limit")),
        customer_id=Subquery(accounts.values("stripe_customer_id")),
        clock_id=Subquery(accounts.values("stripe_test_clock_id")),
    )


def _plan_name() -> Coalesce:
    """The plan of the subscription in service, or the default one: as `billing.terms` has it."""
    in_service = Subscription.objects.filter(organization=OuterRef("pk"), status__in=Subscription.IN_SERVICE)
    default = PlanVersion.objects.filter(plan__is_default=True, status=PlanVersion.Status.PUBLISHED)
    return Coalesce(
        Subquery(in_service.order_by("-created_at").values("plan_version__plan__name")[:1]),
        Subquery(default.values("plan__name")[:1]),
        Value("none"),
    )
