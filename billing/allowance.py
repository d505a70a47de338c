"""What the gateways know of an organization: its status, its plan's limits, and what it may spend.

Redis holds copies. Every function that publishes raises `redis.RedisError` while Redis is away; callers use
`after_commit`, and the periodic publisher brings the copy later.
"""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.after_commit import after_commit
from billing.models import BillingAccount, Subscription
from billing.opening import GatewaysSilent, open_wallets
from billing.terms import terms_of
from catalog.facts import publish_models
from core.batches import in_batches
from core.money import micros_down
from core.wire import OrganizationFacts, RateLimits, organization_facts_at, wallet_at
from keys.facts import publish_each_key
from notices.end_customers import publish_each_end_customer, publish_end_customers_of
from notices.facts import (
    Copied,
    begin_publishing,
    copy_wallet,
    is_published,
    mark_published,
    need,
    publish_facts,
)
from usage.budget_facts import publish_budgets, publish_budgets_of
from usage.models import Wallet

# Seconds that an action waits for gateways where the organization has no wallet in Redis; the publisher waits longer.
PATIENCE = 0.5
AT_ONCE = 500


def organization_facts(account: BillingAccount) -> OrganizationFacts:
    """Answer the facts as the database has them; without any plan nothing is limited but by the wallet."""
    terms = terms_of(account.organization_id)
    return OrganizationFacts(
        version=account.facts_version,
        id=str(account.organization_id),
        name=account.organization.name,
        status=account.organization.status,
        limits=terms.limits if terms else RateLimits(),
        plan=terms.plan.slug if terms else "",
        has_end_customers=account.organization.end_customers.exists(),
    )


def publish_organization(organization_id: UUID) -> None:
    """Publish the organization as the database has it now, under a new version.

    Call it after the commit of whatever changed: name, status, subscription, or terms. The version is raised first
    and the facts are read under its row lock, so that of two publishers the later one has read the later state.
    """
    with transaction.atomic():
        BillingAccount.objects.filter(pk=organization_id).update(facts_version=F("facts_version") + 1)
        account = BillingAccount.objects.select_related("organization").get(pk=organization_id)
        facts = organization_facts(account)
    publish_facts(organization_facts_at(organization_id), facts)


def republish_organization(organization_id: UUID) -> None:
    """Publish the organization when this transaction commits."""
    after_commit(publish_organization, organization_id)


def publish_limits(organization_id: UUID) -> None:
    """Publish all but the wallet that limits an organization, as the database has it."""
    account = BillingAccount.objects.select_related("organization").filter(pk=organization_id).first()
    if account is not None:
        publish_facts(organization_facts_at(organization_id), organization_facts(account))
    publish_budgets(organization_id)
    sum(publish_end_customers_of(organization_id))


def publish_wallet(organization_id: UUID) -> None:
    """Copy what the organization may spend, rounded down, with the wallet's version, and its budgets before it."""
    publish_budgets(organization_id)
    _publish_wallets([Wallet.objects.get(organization_id=organization_id)])


def publish_everything() -> int:
    """Publish every model, key, organization, budget and wallet; answer how many were behind.

    Copies of the same version are left alone, so that running it again costs reads.
    """
    return sum(publish_in_parts())


def publish_in_parts() -> Iterator[int]:
    """Publish everything, bit by bit, and then say so; answer for each part how many were behind."""
    publishing = begin_publishing()
    yield publish_models()
    for keys in in_batches(publish_each_key(), AT_ONCE):
        yield sum(keys)
    for customers in in_batches(publish_each_end_customer(), AT_ONCE):
        yield sum(customers)
    accounts = BillingAccount.objects.select_related("organization").order_by("pk").iterator()
    for organizations in in_batches(_publish_organizations(accounts), AT_ONCE):
        yield sum(organizations)
    for wallets in in_batches(Wallet.objects.order_by("pk").iterator(), AT_ONCE):
        yield publish_budgets_of([wallet.organization_id for wallet in wallets])
        yield _publish_wallets(wallets)
    mark_published(publishing)


def publish_what_is_missing() -> int:
    """Publish everything if Redis has been emptied since it was last published."""
    return 0 if is_published() else publish_everything()


def publish_default_terms() -> int:
    """Publish every organization that is served under the default plan; answer how many."""
    accounts = BillingAccount.objects.exclude(organization__subscriptions__status__in=Subscription.IN_SERVICE)
    ids = list(accounts.values_list("pk", flat=True))
    for organization_id in ids:
        publish_organization(organization_id)
    return len(ids)


def _publish_organizations(accounts: Iterable[BillingAccount]) -> Iterator[bool]:
    for account in accounts:
        yield publish_facts(organization_facts_at(account.organization_id), organization_facts(account))


def _publish_wallets(wallets: Iterable[Wallet]) -> int:
    """Those that no gateway can vouch for now are left to the publisher, which waits longer."""
    copied = {wallet.organization_id: _copy(wallet) for wallet in wallets}
    closed = [organization_id for organization_id, result in copied.items() if result is Copied.CLOSED]
    behind = list(copied.values()).count(Copied.WRITTEN)
    try:
        return behind + open_wallets(closed, first=publish_limits, patience=PATIENCE)
    except GatewaysSilent:
        for organization_id in closed:
            need(wallet_at(organization_id))
        return behind


def _copy(wallet: Wallet) -> Copied:
    return copy_wallet(wallet.organization_id, wallet.version, micros_down(wallet.available))
