from datetime import datetime

import pytest
from redis import Redis

from accounts.models import Organization
from billing.allowance import (
    publish_default_terms,
    publish_everything,
    publish_organization,
    publish_wallet,
    publish_what_is_missing,
)
from billing.apply_terms import apply_terms
from billing.models import BillingAccount, PlanVersion, Subscription
from billing.wallet import add_credit, set_limit
from catalog.models import Model
from core import wire
from core.money import PICOS_PER_UNIT
from keys.models import ApiKey
from tests.billing.plans import COST, TOKENS
from tests.factories import use
from usage.models import Wallet


def facts(redis: Redis, organization: Organization) -> wire.OrganizationFacts:
    return wire.decode_organization(str(redis.get(wire.organization_facts_at(organization.pk))))


def test_limits_are_the_default_plans_without_a_subscription(
    customer: Organization, build: PlanVersion, redis: Redis
) -> None:
    publish_organization(customer.pk)

    assert (facts(redis, customer).plan, facts(redis, customer).limits.requests_per_minute) == ("free", 60)


@pytest.mark.parametrize(
    ("status", "plan"),
    [("active", "build"), ("trialing", "build"), ("past_due", "build"), ("unpaid", "free"), ("canceled", "free")],
)
def test_limits_are_the_subscriptions_while_it_is_in_service(
    customer: Organization, subscription: Subscription, redis: Redis, status: str, plan: str
) -> None:
    Subscription.objects.update(status=status)

    apply_terms(customer.pk)
    publish_organization(customer.pk)

    limit = Wallet.objects.get(organization_id=customer.pk).credit_limit
    assert facts(redis, customer).plan == plan
    assert limit == (100 * PICOS_PER_UNIT if plan == "build" else 0)


def test_each_publication_has_a_higher_version(customer: Organization, redis: Redis) -> None:
    publish_organization(customer.pk)
    first = facts(redis, customer)
    Organization.objects.filter(pk=customer.pk).update(status="suspended")

    publish_organization(customer.pk)

    assert facts(redis, customer).status == "suspended"
    assert facts(redis, customer).version == first.version + 1


def test_a_wallet_is_rounded_down_to_micro_dollars(customer: Organization, redis: Redis) -> None:
    add_credit(customer.pk, 1_999_999)

    publish_wallet(customer.pk)

    assert redis.hget(wire.wallet_at(customer.pk), "available") == "1"


def test_an_older_copy_does_not_overwrite_a_newer_one(
    customer: Organization, key: ApiKey, spark: Model, now: datetime, redis: Redis
) -> None:
    redis.hset(wire.wallet_at(customer.pk), mapping={"version": 10**6, "available": 7})

    publish_wallet(customer.pk)

    assert redis.hget(wire.wallet_at(customer.pk), "available") == "7"


def test_after_redis_was_emptied_everything_comes_back_once(
    customer: Organization, key: ApiKey, spark: Model, now: datetime, redis: Redis
) -> None:
    add_credit(customer.pk, 5 * PICOS_PER_UNIT)
    use(key, spark, at=now, counts=TOKENS)
    redis.flushall()

    first = publish_what_is_missing()
    again = publish_what_is_missing()

    assert (first, again) == (5, 0)  # organization, budgets, wallet, key, model
    assert (
        redis.exists(
            wire.published_at(wire.HOME),
            wire.key_facts_at(key.key_id),
            wire.model_facts_at("muse-spark"),
            wire.organization_facts_at(customer.pk),
        )
        == 4
    )
    micros = (5 * PICOS_PER_UNIT - COST) // 10**6
    assert redis.hget(wire.wallet_at(customer.pk), "available") == str(micros)


def test_publishing_everything_mends_what_fell_behind(customer: Organization, redis: Redis) -> None:
    publish_everything()
    set_limit(customer.pk, PICOS_PER_UNIT)

    assert publish_everything() == 2  # the wallet, and its budgets under its version


def test_new_default_terms_reach_those_without_a_subscription(
    customer: Organization, subscription: Subscription, elsewhere: Organization, redis: Redis
) -> None:
    BillingAccount.objects.create(organization=elsewhere)

    assert publish_default_terms() == 1
    assert facts(redis, elsewhere).plan == "free"


def test_a_move_of_nothing_is_no_move(customer: Organization) -> None:
    before = Wallet.objects.values().get(organization_id=customer.pk)

    add_credit(customer.pk, 0)
    set_limit(customer.pk, 0)

    assert Wallet.objects.values().get(organization_id=customer.pk) == before
