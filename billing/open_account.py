"""Opening an organization's account: its wallet, its first period, and the credit that newcomers get."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.actor import Actor
from accounts.models import Organization
from billing.apply_terms import apply_terms
from billing.credits import Kind, grant_credit
from billing.models import BillingAccount, BillingPeriod, CreditGrant
from billing.wallet import lock_wallet, open_wallet
from core.money import picos_of_cents

SIGN_UP = Actor.job("sign-up")


@transaction.atomic
def open_account(organization: Organization, *, now: datetime) -> BillingAccount:
    """Give the organization a wallet, the endless first period and the sign-up credit. Again, it changes nothing."""
    open_wallet(organization.pk)
    lock_wallet(organization.pk)
    account, _ = BillingAccount.objects.get_or_create(organization=organization)
    if not BillingPeriod.objects.filter(organization=organization).exists():
        BillingPeriod.objects.create(organization=organization, index=1, start=organization.created_at)
    _grant_sign_up_credit(organization, now)
    apply_terms(organization.pk)
    return account


def _grant_sign_up_credit(organization: Organization, now: datetime) -> None:
    operation_key = f"sign-up:{organization.pk}"
    # The setting may have changed since: what was granted then stands.
    if settings.SIGNUP_CREDIT_CENTS and not CreditGrant.objects.filter(operation_key=operation_key).exists():
        grant_credit(
            organization,
            kind=Kind.PROMOTIONAL,
            amount=picos_of_cents(settings.SIGNUP_CREDIT_CENTS),
            reason="Welcome credit",
            operation_key=operation_key,
            actor=SIGN_UP,
            now=now,
        )
