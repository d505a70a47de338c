"""Credit grants: given, bought, or included in a plan. A grant, its posting, its audit entry and the wallet's move
are one transaction, and one business operation makes one grant.
"""

from datetime import UTC, datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Organization
from accounts.permissions import Permission
from billing.ledger import Entries, post
from billing.ledger import Kind as Account
from billing.models import CreditGrant, Subscription
from billing.wallet import add_credit, lock_wallet
from core.errors import Conflict, Invalid
from core.money import PICOS_PER_UNIT, picos_of_cents
from usage.models import Wallet

Kind = CreditGrant.Kind
MAX_GRANT = 10_000_000 * PICOS_PER_UNIT

# What pays for a grant: money received, the house's promotions, or the plan's fee.
SOURCE_OF = {Kind.PAID: Account.CASH, Kind.PROMOTIONAL: Account.PROMOTIONS, Kind.PLAN: Account.PLAN_CREDIT}


class GrantKeyReused(Conflict):
    code = "grant_key_reused"
    title = "This operation granted another credit before"


class NoAccount(Conflict):
    code = "no_account"
    title = "This organization has no account yet"


@transaction.atomic
def grant_credit(
    organization: Organization,
    *,
    kind: Kind,
    amount: int,
    reason: str,
    operation_key: str,
    actor: Actor,
    now: datetime,
    expires_at: datetime | None = None,
    priority: int = 100,
) -> CreditGrant:
    """Grant `amount` picodollars; a repeat under the same `operation_key` answers the grant that stands.

    Raises NotAllowed; NoAccount before the organization's account was opened; Invalid for an amount that isn't between
    0 and $10 million, or an empty reason; GrantKeyReused where the key stands for another organization, kind or amount.
    """
    actor.require(Permission.GRANT_CREDIT)
    # Two callers with one key wait here for each other: the second finds the grant of the first.
    _lock_account(organization)
    standing = CreditGrant.objects.filter(operation_key=operation_key).first()
    if standing:
        return _same(standing, organization, kind, amount)
    _check(amount, reason)
    grant = CreditGrant.objects.create(
        organization=organization,
        kind=kind,
        priority=priority,
        amount=amount,
        remaining=amount,
        expires_at=expires_at,
        reason=reason.strip(),
        operation_key=operation_key,
        created_by=actor.user,
        created_at=now,
    )
    post(
        f"grant:{grant.pk}",
        granting(kind, amount),
        kind="credit.granted",
        organization=organization,
        description=str(grant),
        effective_at=now,
        now=now,
    )
    add_credit(organization.pk, amount)
    record(actor, "credit.granted", grant, at=now, kind=kind, amount_picos=amount, reason=grant.reason)
    return grant


def _lock_account(organization: Organization) -> None:
    """Lock the wallet, which opening the account has made."""
    try:
        lock_wallet(organization.pk)
    except Wallet.DoesNotExist as error:
        raise NoAccount(f"{organization} has no account yet: it is opened at sign-up.") from error


def granting(kind: Kind, amount: int) -> Entries:
    """The posting of a grant, in picodollars: its source is debited, what is owed to the customer credited."""
    return {SOURCE_OF[kind]: amount, Account.CREDIT_HELD: -amount}


def grant_plan_credit(
    subscription: Subscription, *, start: datetime, end: datetime, actor: Actor, now: datetime
) -> CreditGrant | None:
    """Grant the credit that the plan includes for the period `[start, end)`, once; None where it includes none.

    It expires when the period is closed.
    """
    cents = subscription.plan_version.included_credit
    if not cents:
        return None
    return grant_credit(
        subscription.organization,
        kind=Kind.PLAN,
        amount=picos_of_cents(cents),
        reason=f"Included in {subscription.plan_version.plan}",
        operation_key=_plan_key(subscription, start.astimezone(UTC).isoformat()),
        actor=actor,
        now=now,
        expires_at=end,
    )


def end_plan_credit(subscription: Subscription, *, at: datetime) -> None:
    """Let the plan's credit end with the subscription: it expires when the period that ends at `at` is closed."""
    granted = CreditGrant.objects.filter(kind=Kind.PLAN, operation_key__startswith=_plan_key(subscription, ""))
    granted.filter(expired_at=None, expires_at__gt=at).update(expires_at=at)


def _plan_key(subscription: Subscription, start: str) -> str:
    return f"plan-credit:{subscription.stripe_subscription_id}:{start}"


def grant_paid_credit(
    organization: Organization, *, cents: int, operation_key: str, actor: Actor, now: datetime
) -> CreditGrant:
    """Grant credit that the customer has paid for, once per purchase. It doesn't expire."""
    return grant_credit(
        organization,
        kind=Kind.PAID,
        amount=picos_of_cents(cents),
        reason="Credit purchase",
        operation_key=operation_key,
        actor=actor,
        now=now,
    )


def _same(grant: CreditGrant, organization: Organization, kind: Kind, amount: int) -> CreditGrant:
    if (grant.organization_id, grant.kind, int(grant.amount)) != (organization.pk, kind, amount):
        raise GrantKeyReused(f"{grant.operation_key} granted another credit before.")
    return grant


def _check(amount: int, reason: str) -> None:
    if not 0 < amount <= MAX_GRANT:
        raise Invalid("A grant is more than $0 and at most $10,000,000.")
    if not reason.strip():
        raise Invalid("A grant needs a reason.")
