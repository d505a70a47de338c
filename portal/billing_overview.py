"""What the billing page shows of an organization's money. Amounts in picodollars."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from accounts.models import Organization
from billing.burning import Burn, Burnable, burn, burn_order
from billing.models import Booking, CreditGrant, Invoice, PlanVersion, Subscription
from billing.terms import default_terms
from portal.invoice_lines import OWED
from usage.models import Wallet
from usage.queries import wallet_of


@dataclass(frozen=True, slots=True)
class GrantLeft:
    """A grant, and what is left of it after the usage that no period has booked yet."""

    grant: CreditGrant
    left: int

    @property
    def used(self) -> int:
        return int(self.grant.amount) - self.left


@dataclass(frozen=True, slots=True)
class BillingOverview:
    """`to_invoice` is the usage since the last invoice; `beyond_credit` the part of it that no grant covers."""

    wallet: Wallet
    subscription: Subscription | None
    terms: PlanVersion | None
    to_invoice: int
    grants: Sequence[GrantLeft]
    beyond_credit: int
    unpaid: Sequence[Invoice]

    @property
    def credit_left(self) -> int:
        return sum(each.left for each in self.grants)

    @property
    def limit(self) -> int:
        return int(self.wallet.credit_limit)

    @property
    def high_mark(self) -> int:
        """From here on the meter of the limit shows that it will soon be reached."""
        return self.limit * 4 // 5


def overview_of(organization: Organization) -> BillingOverview:
    wallet = wallet_of(organization.pk)
    subscription = live_subscription(organization)
    to_invoice = int(wallet.spent) - _booked(organization)
    grants = CreditGrant.objects.filter(organization=organization, remaining__gt=0)
    burnable = {grant: _burnable(grant) for grant in grants}
    burnt = burn(burnable.values(), to_invoice)
    return BillingOverview(
        wallet=wallet,
        subscription=subscription,
        terms=_terms(subscription),
        to_invoice=to_invoice,
        grants=_left(burnable, burnt),
        beyond_credit=max(burnt.uncovered, 0),
        unpaid=list(Invoice.objects.filter(organization=organization, status__in=OWED, total__gt=0)),
    )


def live_subscription(organization: Organization) -> Subscription | None:
    live = Subscription.objects.live().filter(organization=organization)
    return live.select_related("plan_version__plan").first()


def _terms(subscription: Subscription | None) -> PlanVersion | None:
    if subscription and subscription.is_in_service:
        return subscription.plan_version
    return default_terms()


def _booked(organization: Organization) -> int:
    bookings = Booking.objects.filter(run__period__organization=organization)
    return int(bookings.aggregate(sum=Sum("amount"))["sum"] or 0)


def _left(burnable: dict[CreditGrant, Burnable], burnt: Burn) -> list[GrantLeft]:
    """List the grants in the order in which they burn."""
    taken = dict(burnt.taken)
    ordered = sorted(burnable, key=lambda grant: burn_order(burnable[grant]))
    return [GrantLeft(grant, int(grant.remaining) - taken.get(grant.pk, 0)) for grant in ordered]


def _burnable(grant: CreditGrant) -> Burnable:
    return Burnable(
        id=grant.pk,
        kind=grant.kind,
        priority=grant.priority,
        expires_at=grant.expires_at,
        created_at=grant.created_at,
        remaining=int(grant.remaining),
    )
