"""Each change at Stripe is made once, whatever is interrupted or repeated."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import stripe
from stripe.params import ProductCreateParams
from stripe.params.checkout import SessionExpireParams

from billing.models import ProviderCall
from billing.payments.calls import ProviderRefused, ProviderUnavailable, call_once, intend, nothing_to_find

pytestmark = pytest.mark.django_db


def make_product(provider: stripe.StripeClient, subject: str, *, now: datetime, name: str = "Road") -> str:
    request: ProductCreateParams = {"name": name, "metadata": {"subject": subject}}
    return call_once(
        "test-product",
        subject,
        request=request,
        send=provider.v1.products.create,
        find=lambda: next(iter(found(provider, subject)), None),
        now=now,
    )


def found(provider: stripe.StripeClient, subject: str) -> list[stripe.Product]:
    products = provider.v1.products.list({"limit": 100}).data
    return [each for each in products if each.metadata and each.metadata.to_dict().get("subject") == subject]


@pytest.fixture
def subject() -> str:
    return str(uuid4())


def test_the_same_operation_is_made_once(provider: stripe.StripeClient, subject: str, now: datetime) -> None:
    first = make_product(provider, subject, now=now)
    second = make_product(provider, subject, now=now)

    assert first == second
    assert [product.id for product in found(provider, subject)] == [first]
    call = ProviderCall.objects.get(subject=subject)
    assert (call.status, call.provider_id, call.attempt) == ("succeeded", first, 1)
    assert call.idempotency_key == f"tollway:test-product:{subject}:1"


def test_a_crash_before_the_call_leaves_an_intent_that_is_carried_out(
    provider: stripe.StripeClient, subject: str, now: datetime
) -> None:
    intend("test-product", subject, request={"name": "As meant"}, now=now)

    product = make_product(provider, subject, now=now, name="Changed since")

    assert provider.v1.products.retrieve(product).name == "As meant"
    assert ProviderCall.objects.get(subject=subject).status == "succeeded"


def test_a_crash_after_the_call_makes_nothing_double(
    provider: stripe.StripeClient, subject: str, now: datetime
) -> None:
    first = make_product(provider, subject, now=now)
    ProviderCall.objects.update(status="pending", provider_id="", finished_at=None)

    second = make_product(provider, subject, now=now, name="Changed since")

    assert second == first
    assert len(found(provider, subject)) == 1


def test_an_old_intent_is_looked_for_first_because_keys_are_forgotten(
    provider: stripe.StripeClient, subject: str, now: datetime
) -> None:
    first = make_product(provider, subject, now=now)
    ProviderCall.objects.update(status="pending", provider_id="", idempotency_key=f"forgotten:{subject}")

    second = make_product(provider, subject, now=now + timedelta(days=2))

    assert second == first
    assert len(found(provider, subject)) == 1


def test_a_refusal_is_kept_and_the_next_try_has_a_new_key(
    provider: stripe.StripeClient, subject: str, now: datetime
) -> None:
    def expire(subject: str) -> str:
        nothing: SessionExpireParams = {}
        return call_once(
            "expire",
            subject,
            request=nothing,
            send=lambda params, options: provider.v1.checkout.sessions.expire("cs_test_none", params, options),
            find=nothing_to_find,
            now=now,
        )

    for _ in range(2):
        with pytest.raises(ProviderRefused, match="No such"):
            expire(subject)

    attempts = ProviderCall.objects.filter(subject=subject).order_by("attempt")
    assert [(call.attempt, call.status) for call in attempts] == [(1, "refused"), (2, "refused")]
    assert attempts[0].error is not None
    assert attempts[0].error["code"] == "resource_missing"


def test_an_answer_that_never_came_leaves_the_intent_pending(subject: str, now: datetime) -> None:
    def send(params: Any, options: stripe.RequestOptions) -> Any:
        raise stripe.APIConnectionError("The line is dead.")  # type: ignore[no-untyped-call]

    with pytest.raises(ProviderUnavailable):
        call_once("test", subject, request={}, send=send, find=nothing_to_find, now=now)

    assert ProviderCall.objects.get(subject=subject).status == "pending"


def test_a_twin_under_way_is_waited_for(subject: str, now: datetime) -> None:
    def send(params: Any, options: stripe.RequestOptions) -> Any:
        raise stripe.IdempotencyError("In use.", http_status=409)

    with pytest.raises(ProviderUnavailable):
        call_once("test", subject, request={}, send=send, find=nothing_to_find, now=now)

    assert ProviderCall.objects.get(subject=subject).status == "pending"


def test_what_must_not_double_is_looked_for_even_when_young(subject: str, now: datetime) -> None:
    def send(params: Any, options: stripe.RequestOptions) -> Any:
        raise AssertionError("It is there already.")

    answer = call_once(
        "test",
        subject,
        request={},
        send=send,
        find=lambda: SimpleNamespace(id="in_1"),
        look_first=True,
        now=now,
    )

    assert answer == "in_1"
