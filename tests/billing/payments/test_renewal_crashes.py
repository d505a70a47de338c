"""A worker killed between any two steps of a renewal, or four of them at once, leave nothing missing or double."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection

from accounts.models import Organization
from billing.models import BillingPeriod, InvoiceLine, ProviderCall
from billing.payments import attach, renewal
from billing.payments.attach import lines_at_stripe
from billing.payments.sweep import reconcile
from catalog.models import Model
from keys.models import ApiKey
from tests.billing.payments.renewals import COUNTS, RENEWAL, assert_attached_once, usage_invoice
from tests.billing.payments.shop import Shop
from tests.factories import use


class Crash(BaseException):
    """Stands for a kill -9."""


def crash(*_args: object, **_kwargs: object) -> None:
    raise Crash


@contextmanager
def a_crash_in(monkeypatch: pytest.MonkeyPatch, where: str, stand_in: Callable[..., object] = crash) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(where, stand_in)
        with pytest.raises(Crash):
            yield


def test_a_crash_between_closing_and_attaching_leaves_nothing_missing_or_double(
    shop: Shop, acme: Organization, key: ApiKey, spark: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(key, spark, at=shop.now, counts=COUNTS)
    shop.advance(acme, RENEWAL)
    with a_crash_in(monkeypatch, "billing.payments.renewal.attach_lines"):
        reconcile(acme, now=shop.now)
    assert usage_invoice(acme).lines_attached_at is None

    reconcile(acme, now=shop.now)

    assert_attached_once(usage_invoice(acme))


def test_a_crash_between_adding_lines_and_noting_it_leaves_nothing_double(
    shop: Shop, acme: Organization, key: ApiKey, spark: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(key, spark, at=shop.now, counts=COUNTS)
    shop.advance(acme, RENEWAL)
    # The draft is kept open longer by a call as well: let that one be, and crash at the lines.
    monkeypatch.setattr(renewal, "_keep_open", lambda *_args, **_kwargs: None)
    with a_crash_in(monkeypatch, "billing.payments.calls.settle"):
        reconcile(acme, now=shop.now)
    assert len(lines_at_stripe(usage_invoice(acme).stripe_invoice_id or "")) == 5
    # Stripe forgets keys: then only looking keeps the lines from being added again.
    pending = ProviderCall.objects.filter(status="pending", operation="add-lines")
    assert pending.update(idempotency_key="forgotten-by-stripe") == 1

    reconcile(acme, now=shop.now)

    assert_attached_once(usage_invoice(acme))


def test_many_lines_go_in_several_calls_and_a_crash_between_them_is_mended(
    shop: Shop, acme: Organization, key: ApiKey, spark: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attach, "CHUNK", 2)
    use(key, spark, at=shop.now, counts=COUNTS)
    shop.advance(acme, RENEWAL)
    with a_crash_in(monkeypatch, "billing.payments.attach._chunks", one_and_a_crash):
        reconcile(acme, now=shop.now)
    assert len(lines_at_stripe(usage_invoice(acme).stripe_invoice_id or "")) == 1 + 2

    reconcile(acme, now=shop.now)

    assert_attached_once(usage_invoice(acme))


def one_and_a_crash(lines: list[InvoiceLine]) -> Iterator[list[InvoiceLine]]:
    yield lines[:2]
    raise Crash


def test_four_workers_at_once_do_it_once(shop: Shop, acme: Organization, key: ApiKey, spark: Model) -> None:
    use(key, spark, at=shop.now, counts=COUNTS)
    shop.advance(acme, RENEWAL)

    def work(_number: int) -> None:
        try:
            reconcile(acme, now=shop.now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))

    assert_attached_once(usage_invoice(acme))
    assert BillingPeriod.objects.filter(organization=acme).count() == 2
