"""What the gateways know of an organization: its status, its plan's limits, and what it may spend.

Redis holds copies. Every function that publishes raises `redis.RedisError` while Redis is away; callers use
`after_commit`, and the periodic publisher brings the copy later.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.after_commit import after_commit
from billing.models import BillingAccount, Subscription
from billing.terms import terms_of
from catalog.facts import publish_models
from core.money import micros_down
from core.wire import OrganizationFacts, RateLimits, organization_facts_at
from keys.facts import publish_keys
from notices.end_customers import publish_end_customers
from notices.facts import copy_wallet, is_published, mark_published, publish_facts
from usage.budget_facts import publish_all_budgets, publish_budgets
from usage.models import Wallet


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


def publish_wallet(organization_id: UUID) -> None:
    """Copy what the organization may spend, rounded down, with the wallet's version, and its budgets before it."""
    publish_budgets(organization_id)
    _copy(Wallet.objects.get(organization_id=organization_id))


def publish_everything() -> int:
    """Publish every organization, budget, wallet, key and model, and then that all of it is there.

    Answers how many were behind. Copies of the same version are left alone, so that running it again costs reads.
    """
    behind = publish_end_customers()
    behind += _publish_organizations(BillingAccount.objects.select_related("organization").order_by("pk").iterator())
    behind += publish_all_budgets()
    behind += sum(_copy(wallet) for wallet in Wallet.objects.order_by("organization_id").iterator())
    behind += publish_models() + publish_keys()
    mark_published()
    return behind


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


def _publish_organizations(accounts: Iterable[BillingAccount]) -> int:
    return sum(
        publish_facts(organization_facts_at(account.organization_id), organization_facts(account))
        for account in accounts
    )


def _copy(wallet: Wallet) -> bool:
    return copy_wallet(wallet.organization_id, wallet.version, micros_down(wallet.available))
