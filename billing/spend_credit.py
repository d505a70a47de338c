"""Grants are spent by rating runs, and lost at their expiry. Amounts in picodollars."""

from datetime import datetime

from django.db import models, transaction

from accounts.models import Organization
from billing.burning import Burn, Burnable, burn
from billing.ledger import Kind as Account
from billing.ledger import post
from billing.models import CreditConsumption, CreditGrant, RatingRun
from billing.wallet import add_credit, lock_wallet

Kind = CreditGrant.Kind

# Who has the use of credit that expired: paid credit is revenue, the rest goes back to where it came from.
SINK_OF = {Kind.PAID: Account.BREAKAGE, Kind.PROMOTIONAL: Account.PROMOTIONS, Kind.PLAN: Account.PLAN_CREDIT}


@transaction.atomic
def burn_for(run: RatingRun, amount: int) -> Burn:
    """Pay a run's usage from the organization's grants, in their published order."""
    grants = {grant.pk: grant for grant in _lock_grants(run.period.organization).filter(remaining__gt=0)}
    burnt = burn([_burnable(grant) for grant in grants.values()], amount)
    for id_, part in burnt.taken:
        grants[id_].remaining -= part
        grants[id_].save(update_fields=["remaining"])
    CreditConsumption.objects.bulk_create(
        CreditConsumption(grant=grants[id_], run=run, amount=part) for id_, part in burnt.taken
    )
    return burnt


@transaction.atomic
def expire_credit(organization: Organization, *, at: datetime, now: datetime) -> int:
    """End the grants that expire at `at` or before; answer how much was lost. Again, it changes nothing."""
    lock_wallet(organization.pk)
    lost = sum(_expire(grant, now) for grant in _lock_grants(organization).filter(expires_at__lte=at))
    add_credit(organization.pk, -lost)
    return lost


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
