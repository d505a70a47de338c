"""`settle()`: each event counts once, for ever, and wallet = Σ events = Σ rollups."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.ids import first_uuid7_at, uuid7
from core.money import PICOS_PER_MICRO
from core.usage import TokenClass, TokenCounts
from tests.usage.settling import NOON, an_event, settle
from usage.models import UsageEvent, UsageRollup, Wallet

pytestmark = pytest.mark.django_db


def test_an_event_is_stored_rolled_up_and_taken_from_the_wallet() -> None:
    acme = uuid7()
    Wallet.objects.create(organization_id=acme, credit=10 * PICOS_PER_MICRO, version=7)
    event = an_event(acme, amount=3_500_001, occurred_at=NOON + timedelta(minutes=59))

    answer = settle(event)[acme]

    stored = UsageEvent.objects.get(organization_id=acme)
    rollup = UsageRollup.objects.get(organization_id=acme)
    assert (answer.inserted, answer.conflicting, answer.version) == (1, [], 8)
    assert (stored.id, stored.counts, stored.amount) == (event.id, event.counts, 3_500_001)
    assert stored.stored_version == 8
    assert (rollup.hour, rollup.events, rollup.counts) == (NOON, 1, event.counts)
    assert rollup.amount == 3_500_001
    assert Wallet.objects.get(organization_id=acme).spent == 3_500_001


def test_what_may_be_spent_is_rounded_down_to_micros() -> None:
    acme = uuid7()
    Wallet.objects.create(organization_id=acme, credit=10 * PICOS_PER_MICRO, credit_limit=2 * PICOS_PER_MICRO)

    answer = settle(an_event(acme, amount=1))[acme]

    assert answer.available_micros == 11


def test_a_debt_is_rounded_away_from_zero() -> None:
    acme = uuid7()

    answer = settle(an_event(acme, amount=1))[acme]

    assert answer.available_micros == -1


def test_a_batch_settled_again_changes_nothing() -> None:
    acme = uuid7()
    batch = [an_event(acme), an_event(acme)]
    first = settle(*batch)[acme]

    again = settle(*batch)[acme]

    assert again == replace(first, inserted=0)
    assert UsageEvent.objects.filter(organization_id=acme).count() == 2
    assert sum(rollup.events for rollup in UsageRollup.objects.filter(organization_id=acme)) == 2
    assert Wallet.objects.get(organization_id=acme).spent == 70


def test_an_event_twice_in_one_batch_counts_once() -> None:
    acme = uuid7()
    event = an_event(acme)

    answer = settle(event, event)[acme]

    assert (answer.inserted, answer.conflicting) == (1, [])
    assert Wallet.objects.get(organization_id=acme).spent == 35


def test_an_id_with_other_content_is_named_and_the_first_content_stays() -> None:
    acme = uuid7()
    event = an_event(acme)
    settle(event)

    answer = settle(replace(event, amount=99))[acme]

    assert (answer.inserted, answer.conflicting) == (0, [event.id])
    assert UsageEvent.objects.get(organization_id=acme).amount == 35
    assert Wallet.objects.get(organization_id=acme).spent == 35


def test_an_id_with_two_contents_in_one_batch_is_named_and_the_first_counts() -> None:
    acme = uuid7()
    event = an_event(acme)

    answer = settle(event, replace(event, counts=TokenCounts(input=11)))[acme]

    assert (answer.inserted, answer.conflicting) == (1, [event.id])
    assert UsageEvent.objects.get(organization_id=acme).input == 10


def test_timing_may_differ_between_two_reports_of_one_event() -> None:
    acme = uuid7()
    event = an_event(acme, duration_ms=10)
    settle(event)

    answer = settle(replace(event, duration_ms=900, request_id="replayed"))[acme]

    assert answer.conflicting == []


def test_the_same_id_of_two_organizations_is_two_events() -> None:
    acme, bolt = uuid7(), uuid7()
    event = an_event(acme)

    answers = settle(event, replace(event, organization=bolt))

    assert {each: answers[each].inserted for each in answers} == {acme: 1, bolt: 1}


def test_each_organization_of_a_batch_is_answered() -> None:
    acme, bolt = uuid7(), uuid7()
    settle(an_event(acme))

    answers = settle(an_event(acme), an_event(bolt), an_event(bolt))

    assert {each: (answers[each].version, answers[each].inserted) for each in answers} == {acme: (2, 1), bolt: (1, 2)}


def test_negative_tokens_are_refused_with_the_whole_batch() -> None:
    acme = uuid7()
    bad = an_event(acme).as_row() | {"input": -1}

    with pytest.raises(IntegrityError, match="tokens_are_not_negative"), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM settle(jsonb_build_array(%s::jsonb))", [_json(bad)])


def test_an_event_born_in_a_month_without_a_partition_is_kept() -> None:
    acme = uuid7()
    event = an_event(acme, id=first_uuid7_at(NOON.replace(year=1999)))

    settle(event)

    assert UsageEvent.objects.get(organization_id=acme).id == event.id
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM usage_event_other WHERE organization_id = %s", [acme])
        assert cursor.fetchone() == (1,)


def test_an_hour_is_told_apart_by_key_model_project_and_price_version() -> None:
    acme = uuid7()
    event = an_event(acme)
    others = [
        replace(event, id=uuid7(), project=uuid7()),
        replace(event, id=uuid7(), key=uuid7()),
        replace(event, id=uuid7(), model=uuid7()),
        replace(event, id=uuid7(), price_version=uuid7()),
    ]

    settle(event, replace(event, id=uuid7()), *others)

    calls = sorted(UsageRollup.objects.filter(organization_id=acme).values_list("events", flat=True))
    assert calls == [1, 1, 1, 1, 2]


def test_a_later_batch_adds_to_the_hour() -> None:
    acme = uuid7()
    event = an_event(acme)
    settle(event)

    settle(replace(event, id=uuid7()), replace(event, id=uuid7(), amount=40))

    rollup = UsageRollup.objects.get(organization_id=acme)
    assert rollup.counts == TokenCounts(input=30, output=15, requests=3)
    assert rollup.events == 3
    assert rollup.amount == 35 + 35 + 40


COUNTS = st.builds(TokenCounts, **{each.value: st.integers(0, 10**6) for each in TokenClass})
REQUESTS = st.tuples(COUNTS, st.integers(0, 10**12), st.integers(0, 180), st.integers(0, 1), st.integers(0, 1))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests=st.lists(REQUESTS, min_size=1, max_size=12), batches=st.integers(1, 3))
def test_wallet_events_and_rollups_agree_whatever_is_sent_again(
    requests: list[tuple[TokenCounts, int, int, int, int]], batches: int
) -> None:
    acme, project, price, keys, models = uuid7(), uuid7(), uuid7(), (uuid7(), uuid7()), (uuid7(), uuid7())
    events = [
        an_event(
            acme,
            counts=counts,
            amount=amount,
            occurred_at=NOON + timedelta(minutes=minute),
            project=project,
            price_version=price,
            key=keys[key],
        )
        for counts, amount, minute, key, _ in requests
    ]
    events = [replace(event, model=models[request[4]]) for event, request in zip(events, requests, strict=True)]

    for batch in range(batches):
        settle(*events[batch::batches], *events[: batch + 1])

    stored = UsageEvent.objects.filter(organization_id=acme)
    rollups = UsageRollup.objects.filter(organization_id=acme)
    assert stored.count() == sum(rollup.events for rollup in rollups) == len(events)
    assert sum(event.amount for event in events) == sum(rollup.amount for rollup in rollups)
    assert Wallet.objects.get(organization_id=acme).spent == sum(event.amount for event in stored)
    for each in TokenClass:
        assert sum(getattr(rollup, each) for rollup in rollups) == sum(getattr(row.counts, each) for row in events)


def _json(row: dict[str, object]) -> str:
    return json.dumps(row)
