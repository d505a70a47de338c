"""Two batches at once: no deadlock, nothing lost, and no version of an event overtaken by a later one."""

import threading
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from core.ids import uuid7
from tests.usage.settling import an_event, settle
from usage.models import UsageEvent, Wallet

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 10.0  # seconds that a thread may take before the test fails
A_WHILE = 0.3  # seconds in which an unhindered batch would long be done


@pytest.fixture
def other() -> Iterator[BaseDatabaseWrapper]:
    """Answer a second connection to the same database."""
    second = connections["default"].copy()
    yield second
    second.close()


def test_two_batches_of_the_same_organizations_in_opposite_order_do_not_deadlock() -> None:
    organizations = [uuid7() for _ in range(6)]
    failures: list[BaseException] = []

    def settle_often(ordered: list[UUID]) -> None:
        for _ in range(40):
            settle(*(an_event(organization) for organization in ordered))

    threads = [
        in_background(lambda: settle_often(organizations), failures),
        in_background(lambda: settle_often(organizations[::-1]), failures),
    ]
    for thread in threads:
        thread.join(SOON)

    assert failures == []
    assert not any(thread.is_alive() for thread in threads)
    for organization in organizations:
        wallet = Wallet.objects.get(organization_id=organization)
        assert wallet.spent == 80 * 35
        assert wallet.version == 80


def test_an_event_sent_over_two_connections_at_once_counts_once() -> None:
    acme = uuid7()
    events = [an_event(acme) for _ in range(20)]
    failures: list[BaseException] = []

    threads = [in_background(lambda: settle(*events), failures) for _ in range(3)]
    for thread in threads:
        thread.join(SOON)

    assert failures == []
    assert UsageEvent.objects.filter(organization_id=acme).count() == 20
    assert Wallet.objects.get(organization_id=acme).spent == 20 * 35


def test_a_higher_version_never_shows_before_a_lower_one(other: BaseDatabaseWrapper) -> None:
    acme = an_organization_with_a_wallet()
    early, late = an_event(acme), an_event(acme)
    failures: list[BaseException] = []

    with transaction.atomic():
        settle(early)
        second = in_background(lambda: settle(late), failures)
        second.join(A_WHILE)
        waited = second.is_alive()
        shown_before = versions_of(acme, over=other)
    second.join(SOON)

    assert failures == []
    assert waited
    assert shown_before == {}
    assert versions_of(acme, over=other) == {early.id: 1, late.id: 2}


def test_a_version_of_a_batch_that_was_rolled_back_is_given_again() -> None:
    acme = an_organization_with_a_wallet()
    lost, kept = an_event(acme), an_event(acme)
    failures: list[BaseException] = []

    with transaction.atomic():
        settle(lost)
        second = in_background(lambda: settle(kept), failures)
        second.join(A_WHILE)
        transaction.set_rollback(True)
    second.join(SOON)

    assert failures == []
    assert versions_of(acme, over=connection) == {kept.id: 1}


def an_organization_with_a_wallet() -> UUID:
    """The wallet is there before: otherwise making it would keep two batches apart, whatever is locked."""
    return Wallet.objects.create(organization_id=uuid7()).organization_id


def in_background(work: Callable[[], object], failures: list[BaseException]) -> threading.Thread:
    """Run `work` in a thread with a connection of its own; what it raises is kept in `failures`."""

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the test judges it
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def versions_of(organization: UUID, *, over: BaseDatabaseWrapper) -> dict[UUID, int]:
    with over.cursor() as cursor:
        cursor.execute("SELECT id, stored_version FROM usage_event WHERE organization_id = %s", [organization])
        return dict(cursor.fetchall())
