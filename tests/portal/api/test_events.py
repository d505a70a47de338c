"""Usage that customers report. The clock stands at noon of 8 April 2026."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.db.models import QuerySet
from django.test import Client

from accounts.models import EndCustomer, Organization
from billing.invariants import RULES
from catalog.models import Model
from catalog.price_book import publish_prices
from core.ids import first_uuid7_at, uuid7
from core.usage import TokenClass
from keys.models import ApiKey
from tests.factories import ROBOT, default_project, make_key, make_model, make_organization
from tests.portal.api.conftest import Program, program_of
from usage.models import UsageEvent, UsageRollup, Wallet

COST = 1_000 * 1_250_000 + 200 * 4_250_000
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def spark(db: None, now: datetime) -> Model:
    return make_model(now=now - 50 * timedelta(days=1))


def item(**fields: Any) -> dict[str, Any]:
    return {"id": "one", "model": "muse-spark", "tokens": {"input": 1_000, "output": 200}} | fields


def cloud(**fields: Any) -> dict[str, Any]:
    data = {"model": "muse-spark", "tokens": {"input": 1_000, "output": 200}}
    return {"specversion": "1.0", "id": "one", "source": "/gateway", "type": "usage", "data": data} | fields


def report(program: Program, body: object, kind: str = "application/json") -> Any:
    sent = body if isinstance(body, (bytes, str)) else json.dumps(body)
    headers = {"Authorization": f"Bearer {program.issued.text}"}
    return json.loads(Client().post("/api/v1/events", sent, content_type=kind, headers=headers).content)


def stored(organization: Organization) -> "QuerySet[UsageEvent]":
    """Other tests' organizations may have left events."""
    return UsageEvent.objects.filter(organization_id=organization.pk)


def statuses(answer: Any) -> list[str]:
    return [result["status"] for result in answer["results"]]


def test_usage_is_priced_counted_and_taken_off_the_balance(ops: Program, acme: Organization, now: datetime) -> None:
    answer = report(ops, item(occurred_at=(now - HOUR).isoformat()))

    event = stored(acme).get()
    assert (answer["accepted"], statuses(answer)) == (1, ["accepted"])
    assert answer["results"][0]["event"] == str(event.id)
    assert (event.amount, event.input, event.output, event.requests) == (COST, 1_000, 200, 1)
    assert (event.key_id, event.project_id, event.occurred_at) == (ops.key.pk, ops.key.project_id, now - HOUR)
    assert Wallet.objects.get(organization_id=acme.pk).spent == COST
    assert UsageRollup.objects.get(organization_id=acme.pk).amount == COST


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (item(), "application/json"),
        ([item()], "application/json; charset=utf-8"),
        (cloud(), "application/cloudevents+json"),
        ([cloud(time="2026-04-08T10:00:00+02:00", subject="x", region="eu")], "application/cloudevents-batch+json"),
    ],
)
def test_every_form_is_read(ops: Program, body: object, kind: str) -> None:
    assert statuses(report(ops, body, kind)) == ["accepted"]


def test_reporting_again_changes_nothing(ops: Program, acme: Organization) -> None:
    first = report(ops, [item(), item(id="two")])

    again = report(ops, [item(), item(id="two"), item(id="three")])

    assert statuses(first) == ["accepted", "accepted"]
    assert statuses(again) == ["duplicate", "duplicate", "accepted"]
    assert statuses(report(ops, [item(), item(id="two")])) == ["duplicate", "duplicate"]
    assert Wallet.objects.get(organization_id=acme.pk).spent == 3 * COST


@pytest.mark.parametrize(("body", "kind"), [(item(), "application/json"), (cloud(), "application/cloudevents+json")])
def test_without_a_time_it_can_be_reported_again_later(
    ops: Program, acme: Organization, now: datetime, body: dict[str, Any], kind: str
) -> None:
    report(ops, body, kind)

    with time_machine.travel(now + HOUR, tick=False):
        assert statuses(report(ops, body, kind)) == ["duplicate"]
    assert stored(acme).get().occurred_at == now


def test_the_same_id_with_other_content_is_told(ops: Program, acme: Organization) -> None:
    report(ops, item())

    answer = report(ops, [item(tokens={"input": 5}), item(id="two"), item(id="two", tokens={"input": 7})])

    assert statuses(answer) == ["conflict", "accepted", "conflict"]
    assert sorted(stored(acme).values_list("input", flat=True)) == [1_000, 1_000]


def test_sources_have_ids_of_their_own(ops: Program) -> None:
    kind = "application/cloudevents-batch+json"

    answer = report(ops, [cloud(), cloud(source="/other"), cloud()], kind)

    assert statuses(answer) == ["accepted", "accepted", "duplicate"]


def test_an_id_that_is_a_uuid_of_version_7_stays(ops: Program, acme: Organization) -> None:
    given = uuid7()

    report(ops, item(id=str(given)))

    assert stored(acme).get().id == given


def test_organizations_do_not_share_ids(ops: Program, outsider: Program) -> None:
    report(ops, item())

    assert statuses(report(outsider, item())) == ["accepted"]


def test_a_wrong_item_does_not_lose_the_others(ops: Program) -> None:
    answer = report(
        ops, [item(), item(id="two", tokens={"input": -1}), 7, item(id="three", model="muse"), item(id="4")]
    )

    assert statuses(answer) == ["accepted", "refused", "refused", "refused", "accepted"]
    assert (answer["accepted"], answer["refused"]) == (2, 3)
    assert "$.tokens.input" in answer["results"][1]["detail"]
    assert "There is no model “muse”" in answer["results"][3]["detail"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"tokens": {"input": 1.5}}, "$.tokens.input"),
        ({"tokens": {"input": 10**10}}, "$.tokens.input"),
        ({"tokens": {"words": 1}}, "words"),
        ({"tokens": None}, "$.tokens"),
        ({"colour": "red"}, "colour"),
        ({"id": ""}, "$.id"),
        ({"id": "a\x00b"}, "NUL"),
        ({"id": "ffffffff-ffff-7fff-bfff-ffffffffffff"}, "born in the future"),
        ({"occurred_at": "2026-04-08T13:00:00"}, "timezone"),
        ({"occurred_at": "2026-04-08T12:06:00Z"}, "in the future"),
        ({"occurred_at": "2026-03-04T11:59:59Z"}, "35 days ago"),
        ({"service_tier": "gold"}, "service_tier"),
        ({"service_tier": "flex"}, "not sold at the service tier flex"),
        ({"key": "018f0000-0000-7000-8000-000000000000"}, "There is no key"),
        ({"project": "018f0000-0000-7000-8000-000000000000"}, "There is no project"),
        ({"end_customer": "globex"}, "register it first"),
    ],
)
def test_what_is_refused_says_why(ops: Program, acme: Organization, fields: dict[str, Any], words: str) -> None:
    answer = report(ops, item(**fields))

    assert statuses(answer) == ["refused"]
    assert words in answer["results"][0]["detail"]
    assert not stored(acme).exists()


def test_usage_is_attributed(ops: Program, acme: Organization, now: datetime) -> None:
    key: ApiKey = make_key(acme, now=now, name="Server").key
    customer = EndCustomer.objects.create(organization=acme, external_id="globex", created_at=now)

    report(ops, item(key=str(key.pk), project=str(default_project(acme).pk), end_customer="globex"))

    event = stored(acme).get()
    assert (event.key_id, event.project_id, event.end_customer_id) == (key.pk, default_project(acme).pk, customer.pk)


def test_others_keys_projects_and_customers_are_not_there(ops: Program, now: datetime) -> None:
    other = make_organization(now=now, name="Globex")
    key = make_key(other, now=now).key
    EndCustomer.objects.create(organization=other, external_id="mine", created_at=now)

    answer = report(
        ops, [item(key=str(key.pk)), item(project=str(default_project(other).pk)), item(end_customer="mine")]
    )

    assert statuses(answer) == ["refused"] * 3


def test_usage_is_charged_at_the_prices_of_its_time(
    ops: Program, acme: Organization, now: datetime, spark: Model
) -> None:

    publish_prices(spark, {TokenClass.INPUT: 9, TokenClass.OUTPUT: 9}, valid_from=now, actor=ROBOT, now=now)

    report(ops, [item(occurred_at=(now - HOUR).isoformat()), item(id="two", occurred_at=now.isoformat())])

    assert sorted(stored(acme).values_list("amount", flat=True)) == [9 * 1_200, COST]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"nothing", "application/json", 400),
        (b"[1", "application/cloudevents-batch+json", 400),
        ([cloud()], "application/cloudevents+json", 200),
        (item(), "text/csv", 400),
        ([item(id=str(number)) for number in range(1_001)], "application/json", 400),
        (b" " * (1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_what_cannot_be_taken_apart_is_refused_as_a_whole(
    ops: Program, acme: Organization, body: object, kind: str, status: int
) -> None:
    answer = report(ops, body, kind)

    assert answer.get("status", 200) == status
    assert not stored(acme).exists()


def test_nothing_is_a_report_too(ops: Program) -> None:
    assert report(ops, [])["results"] == []


def test_the_scope_is_needed(acme: Organization, now: datetime) -> None:
    assert report(program_of(acme, "usage:read", now=now), item())["status"] == 403
    assert report(program_of(acme, "usage:write", now=now), item())["accepted"] == 1


def test_the_books_hold_with_reported_usage(ops: Program, acme: Organization) -> None:
    report(ops, [item(id=str(number)) for number in range(20)])

    assert [rule.name for rule in RULES for found in rule.violations() if str(acme.pk) in found] == []


def test_ids_are_as_long_as_texts_may_be(ops: Program) -> None:
    answer = report(ops, [item(id="ü" * 200), item(id="ü" * 201)])

    assert statuses(answer) == ["accepted", "refused"]
    assert UUID(answer["results"][0]["event"]).version == 5


def test_ids_of_other_shapes_stand_in_the_way_of_no_partition(ops: Program, now: datetime) -> None:
    report(ops, [item(id=f"request-{number}") for number in range(50)])

    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM usage_event_other ORDER BY id LIMIT 1")
        (least,) = cursor.fetchone()
        for months in range(1, 40):
            cursor.execute("SELECT make_usage_partition(%s)", [now + months * timedelta(days=30)])
    assert least > first_uuid7_at(datetime(9000, 1, 1, tzinfo=UTC))
