"""Cancelling at the period's end, taking that back, and what is there afterwards."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AuditEntry, Membership, Organization, Role, User
from billing.allowance import organization_facts
from billing.models import BillingAccount, CreditGrant, Invoice, ProviderCall, Subscription
from billing.payments.calls import intend
from billing.payments.cancel import OPERATION, NothingToCancel, cancel_at_period_end, keep_subscription
from catalog.models import Model
from core.errors import NotAllowed
from core.usage import TokenCounts
from keys.models import ApiKey
from tests.actors import acting
from tests.billing.payments.shop import Shop, unhandled
from tests.billing.plans import make_plan
from tests.factories import make_user, use
from usage.models import Wallet

PERIOD_END = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)
# $42.50, of which the plan's credit pays $25.00.
COUNTS = TokenCounts(output=10_000_000)


def ends_at_stripe(shop: Shop, organization: Organization) -> bool:
    stripe_id = Subscription.objects.get(organization=organization).stripe_subscription_id
    return shop.stripe.v1.subscriptions.retrieve(stripe_id).cancel_at_period_end


def asked() -> list[tuple[str, str]]:
    """Answer who asked for what; the clock stands, so that nothing tells which was first."""
    entries = AuditEntry.objects.filter(action__endswith="_requested")
    return sorted(entries.values_list("action", "actor"))


def test_it_ends_with_the_period_and_is_taken_back_as_often_as_wanted(
    shop: Shop, subscribed: Organization, ada: User
) -> None:
    for _ in range(2):
        canceled = cancel_at_period_end(subscribed, actor=acting(ada), now=shop.now)
        assert (canceled.status, canceled.cancel_at) == ("active", PERIOD_END)
        assert ends_at_stripe(shop, subscribed)

        kept = keep_subscription(subscribed, actor=acting(ada), now=shop.now)
        assert kept.cancel_at is None
        assert not ends_at_stripe(shop, subscribed)

    canceled_by, kept_by = (f"subscription.{which}_requested" for which in ("cancel", "keep"))
    assert asked() == [(canceled_by, ada.email)] * 2 + [(kept_by, ada.email)] * 2


def test_twice_is_once(shop: Shop, subscribed: Organization, ada: User) -> None:
    for _ in range(2):
        cancel_at_period_end(subscribed, actor=acting(ada), now=shop.now)

    assert ProviderCall.objects.get(operation=OPERATION).status == "succeeded"
    assert len(asked()) == 1


def test_past_the_end_the_last_usage_is_billed_and_the_default_plan_serves(
    shop: Shop, subscribed: Organization, key: ApiKey, spark: Model, ada: User
) -> None:
    make_plan("free", now=shop.now, is_default=True, requests_per_minute=60)
    use(key, spark, at=shop.now, counts=COUNTS)
    cancel_at_period_end(subscribed, actor=acting(ada), now=shop.now)
    shop.deliver()

    shop.advance(subscribed, PERIOD_END)
    shop.deliver()
    shop.advance(subscribed, PERIOD_END + timedelta(hours=2))
    shop.deliver()

    ended = Subscription.objects.get()
    assert (ended.status, ended.ended_at) == ("canceled", PERIOD_END)
    last = Invoice.objects.get(period__end=PERIOD_END)
    assert (last.status, last.total) == ("paid", 1_750)
    assert [(line.kind, line.amount) for line in last.lines.all()] == [("usage", 4_250), ("credit", -2_500)]
    facts = organization_facts(BillingAccount.objects.get(organization=subscribed))
    assert (facts.plan, facts.limits.requests_per_minute) == ("free", 60)
    assert Wallet.objects.get(organization_id=subscribed.pk).credit_limit == 0
    assert unhandled() == []
    with pytest.raises(NothingToCancel):
        keep_subscription(subscribed, actor=acting(ada), now=shop.now)


def test_past_the_end_nothing_is_billed_where_credit_covers_the_usage(
    shop: Shop, subscribed: Organization, key: ApiKey, spark: Model, ada: User
) -> None:
    use(key, spark, at=shop.now, counts=TokenCounts(output=1_000_000))
    cancel_at_period_end(subscribed, actor=acting(ada), now=shop.now)

    shop.advance(subscribed, PERIOD_END)
    shop.deliver()

    assert Subscription.objects.get().status == "canceled"
    assert sum(Invoice.objects.values_list("total", flat=True)) == 2_000, "the first month's fee alone"
    assert CreditGrant.objects.get(kind="plan").expired_at


def test_kept_it_renews(shop: Shop, subscribed: Organization, ada: User) -> None:
    cancel_at_period_end(subscribed, actor=acting(ada), now=shop.now)
    keep_subscription(subscribed, actor=acting(ada), now=shop.now)

    shop.advance(subscribed, PERIOD_END)
    shop.deliver()

    kept = Subscription.objects.get()
    assert (kept.status, kept.current_period_start) == ("active", PERIOD_END)


def test_an_end_set_elsewhere_is_taken_back_here(shop: Shop, subscribed: Organization, ada: User) -> None:
    stripe_id = Subscription.objects.get().stripe_subscription_id
    shop.stripe.v1.subscriptions.update(stripe_id, {"cancel_at": int(PERIOD_END.timestamp())})

    kept = keep_subscription(subscribed, actor=acting(ada), now=shop.now)

    assert kept.cancel_at is None
    assert shop.stripe.v1.subscriptions.retrieve(stripe_id).cancel_at is None


@pytest.mark.parametrize("was_carried_out", [True, False])
def test_what_a_crash_left_pending_does_not_stand_against_what_is_wanted_now(
    shop: Shop, subscribed: Organization, ada: User, *, was_carried_out: bool
) -> None:
    """The intent to cancel was committed; whether Stripe got it is unknown, and then the customer keeps the plan."""
    stripe_id = Subscription.objects.get().stripe_subscription_id
    call = intend(OPERATION, f"{stripe_id}:0", request={"cancel_at_period_end": True}, now=shop.now)
    if was_carried_out:
        shop.stripe.v1.subscriptions.update(
            stripe_id, {"cancel_at_period_end": True}, {"idempotency_key": call.idempotency_key}
        )

    keep_subscription(subscribed, actor=acting(ada), now=shop.now)
    assert not ends_at_stripe(shop, subscribed)

    cancel_at_period_end(subscribed, actor=acting(ada), now=shop.now)
    assert ends_at_stripe(shop, subscribed)


def test_an_answer_of_old_is_not_taken_for_a_change(shop: Shop, subscribed: Organization, ada: User) -> None:
    """Carried out before the crash and undone at Stripe since: the repeated request's saved answer changes nothing."""
    stripe_id = Subscription.objects.get().stripe_subscription_id
    call = intend(OPERATION, f"{stripe_id}:0", request={"cancel_at_period_end": True}, now=shop.now)
    options = {"idempotency_key": call.idempotency_key}
    shop.stripe.v1.subscriptions.update(stripe_id, {"cancel_at_period_end": True}, options)  # type: ignore[arg-type]
    shop.stripe.v1.subscriptions.update(stripe_id, {"cancel_at_period_end": False})

    cancel_at_period_end(subscribed, actor=acting(ada), now=shop.now)

    assert ends_at_stripe(shop, subscribed)


def test_without_a_subscription_there_is_nothing_to_cancel(shop: Shop, acme: Organization, ada: User) -> None:
    with pytest.raises(NothingToCancel):
        cancel_at_period_end(acme, actor=acting(ada), now=shop.now)

    assert not ProviderCall.objects.filter(operation=OPERATION).exists()


@pytest.mark.parametrize(("role", "may"), [("admin", True), ("finance", True), ("developer", False), ("viewer", False)])
def test_the_role_decides(shop: Shop, subscribed: Organization, role: str, *, may: bool) -> None:
    person = make_user()
    Membership.objects.create(organization=subscribed, user=person, role=Role(role), created_at=shop.now)

    if may:
        cancel_at_period_end(subscribed, actor=acting(person), now=shop.now)
    else:
        with pytest.raises(NotAllowed):
            cancel_at_period_end(subscribed, actor=acting(person), now=shop.now)

    assert ends_at_stripe(shop, subscribed) == may


def test_an_outsider_may_not(shop: Shop, subscribed: Organization, eve: User) -> None:
    for change in (cancel_at_period_end, keep_subscription):
        with pytest.raises(NotAllowed):
            change(subscribed, actor=acting(eve), now=shop.now)

    assert asked() == []
