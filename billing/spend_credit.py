"""Grants are spent by rating runs, and lost at their expiry. Amounts in picodollars."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import models, transaction
from django.db.models import Sum

from accounts.models import Organization
from billing.burning import Burnable, burn, give_back
from billing.expiry import may_be_lost
from billing.ledger import Kind as Account
from billing.ledger import post
from billing.models import BillingPeriod, Booking, CreditConsumption, CreditGrant, RatingRun
from billing.wallet import add_credit, lock_wallet

Kind = CreditGrant.Kind

# Who has the use of credit that expired: paid credit is revenue, the rest goes back to where it came from.
SINK_OF = {Kind.PAID: Account.BREAKAGE, Kind.PROMOTIONAL: Account.PROMOTIONS, Kind.PLAN: Account.PLAN_CREDIT}


@transaction.atomic
def burn_for(run: RatingRun, amount: int) -> int:
    """Pay `amount` from the organization's grants in their published order; answer how much they covered.

    Below zero, usage was taken back that credit had paid for: the grants of this period get it back, as far as they
    have not expired, the last one burnt first; the answer is below zero.
    """
    grants = {grant.pk: grant for grant in _lock_grants(run.period.organization)}
    if amount < 0:
        parts = give_back(_consumed(run.period, set(grants)), -amount)
    else:
        parts = burn([_burnable(grant) for grant in grants.values() if grant.remaining > 0], amount).taken
    for id_, part in parts:
        grants[id_].remaining -= part
        grants[id_].save(update_fields=["remaining"])
    CreditConsumption.objects.bulk_create(
        CreditConsumption(grant=grants[id_], run=run, amount=part) for id_, part in parts
    )
    return sum(part for _, part in parts)


def uncovered(period: BillingPeriod) -> int:
    """Answer what the period's runs have booked that neither credit nor an invoice has covered."""
    booked = _sum(Booking.objects.filter(run__period=period, invoice_line=None))
    return booked - _sum(_not_invoiced(period))


def has_credit(organization_id: UUID) -> bool:
    return CreditGrant.objects.filter(organization=organization_id, expired_at=None, remaining__gt=0).exists()


def _consumed(period: BillingPeriod, grants: set[UUID]) -> list[tuple[UUID, int]]:
    """What each of these grants has paid of the period's usage that is on no invoice; the latest burnt is last."""
    consumptions = _not_invoiced(period).filter(grant__in=grants).values("grant")
    sums = consumptions.annotate(paid=Sum("amount"), last=models.Max("pk")).order_by("last")
    return [(row["grant"], int(row["paid"])) for row in sums]


def _not_invoiced(period: BillingPeriod) -> models.QuerySet[CreditConsumption]:
    return CreditConsumption.objects.filter(run__period=period, invoice_line=None)


def _sum(rows: "models.QuerySet[Booking] | models.QuerySet[CreditConsumption]") -> int:
    return int(rows.aggregate(sum=Sum("amount"))["sum"] or 0)


@transaction.atomic
def expire_credit(
    organization: Organization, *, at: datetime, now: datetime, plan_grace: timedelta = timedelta(0)
) -> int:
    """End the grants that expire at `at` or before and may; answer how much was lost. Again, it changes nothing.

    A plan's credit is left for `plan_grace` longer.
    """
    lock_wallet(organization.pk)
    due = [grant for grant in _lock_grants(organization) if _is_due(grant, at, now, plan_grace)]
    lost = sum(_expire(grant, now) for grant in due)
    add_credit(organization.pk, -lost)
    return lost


def _is_due(grant: CreditGrant, at: datetime, now: datetime, plan_grace: timedelta) -> bool:
    is_of_plan = grant.kind == CreditGrant.Kind.PLAN
    return may_be_lost(grant, at=at - plan_grace if is_of_plan else at, now=now)


def _lock_grants(organization: Organization) -> models.QuerySet[CreditGrant]:
    grants = CreditGrant.objects.filter(organization=organization, expired_at=None)
    return grants.select_for_update(no_key=True).order_by("id")


def _expire(grant: CreditGrant, now: datetime) -> int:
    lost = int(grant.remaining)
    grant.remaining -= lost
    grant.expired += lost
    grant.expired_at = now
    grant.save(update_fields=["remaining", "expired", "expired_at"])
    assert grant.expires_at is not None
    post(
        f"expiry:{grant.pk}",
        {Account.CREDIT_HELD: lost, SINK_OF[Kind(grant.kind)]: -lost},
        kind="credit.expired",
        organization=grant.organization,
        description=str(grant),
        effective_at=grant.expires_at,
        now=now,
    )
    return lost


def _burnable(grant: CreditGrant) -> Burnable:
    return Burnable(
        id=grant.pk,
        kind=grant.kind,
        priority=grant.priority,
        expires_at=grant.expires_at,
        created_at=grant.created_at,
        remaining=int(grant.remaining),
    )
