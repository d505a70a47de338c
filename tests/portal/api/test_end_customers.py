"""End customers by API."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import EndCustomer, Organization
from core.usage import TokenCounts
from tests.factories import make_key, make_model, use
from tests.portal.api.conftest import Program, program_of

CHANGES = [
    ("patch", "", {"name": "Other"}),
    ("post", "/suspend", {"reason": "abuse"}),
    ("post", "/restore", None),
]


@pytest.fixture
def customer(acme: Organization, now: datetime) -> EndCustomer:
    return EndCustomer.objects.create(organization=acme, external_id="c-1", name="One", created_at=now)


def body_of(response: Any) -> Any:
    return response.json()


def test_registering_again_changes_nothing(ops: Program) -> None:
    first = ops.send("post", "/end-customers", {"external_id": "c-1", "name": "One"})
    again = ops.send("post", "/end-customers", {"external_id": "c-1", "name": "Other"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert body_of(first) == body_of(again)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "external_id"),
        ({"external_id": ""}, "external_id"),
        ({"external_id": "x" * 201}, "external_id"),
        ({"external_id": "c", "colour": "red"}, "colour"),
        ({"external_id": "c", "name": None}, "name"),
    ],
)
def test_a_wrong_field_is_named(ops: Program, sent: dict[str, object], field: str) -> None:
    response = ops.send("post", "/end-customers", sent)

    assert response.status_code == 422
    assert field in {error["field"] for error in body_of(response)["errors"]}


def test_a_control_character_is_refused(ops: Program) -> None:
    assert ops.send("post", "/end-customers", {"external_id": "a\tb"}).status_code == 422


def test_the_list_has_pages_and_finds_by_id(ops: Program, acme: Organization, now: datetime) -> None:
    for number in range(5):
        EndCustomer.objects.create(organization=acme, external_id=f"c-{number}", created_at=now)

    first = body_of(ops.send("get", "/end-customers?limit=3"))
    second = body_of(ops.send("get", "/end-customers?" + first["next"].partition("?")[2]))
    found = body_of(ops.send("get", "/end-customers?external_id=c-3"))
    suspended = body_of(ops.send("get", "/end-customers?status=suspended"))

    listed = {each["external_id"] for each in first["data"] + second["data"]}
    assert listed == {f"c-{number}" for number in range(5)}
    assert [each["external_id"] for each in found["data"]] == ["c-3"]
    assert suspended["data"] == []


def test_it_is_suspended_and_restored(ops: Program, customer: EndCustomer) -> None:
    suspended = body_of(ops.send("post", f"/end-customers/{customer.pk}/suspend", {"reason": "abuse"}))
    restored = body_of(ops.send("post", f"/end-customers/{customer.pk}/restore"))

    assert (suspended["status"], suspended["suspended_for"]) == ("suspended", "abuse")
    assert (restored["status"], restored["suspended_for"]) == ("active", "")
    assert ops.send("post", f"/end-customers/{customer.pk}/suspend", {}).status_code == 422


def test_one_says_what_it_spent_this_month(
    ops: Program, acme: Organization, customer: EndCustomer, now: datetime
) -> None:
    key, spark = make_key(acme, now=now).key, make_model(now=now)
    use(key, spark, at=now, counts=TokenCounts(input=3), end_customer=customer.pk)

    assert body_of(ops.send("get", f"/end-customers/{customer.pk}"))["spent_this_month"] == "0.000003750000"


def test_an_outsider_finds_nothing(outsider: Program, customer: EndCustomer) -> None:
    assert body_of(outsider.send("get", "/end-customers"))["data"] == []
    assert outsider.send("get", f"/end-customers/{customer.pk}").status_code == 404
    for method, path, sent in CHANGES:
        assert outsider.send(method, f"/end-customers/{customer.pk}{path}", sent).status_code == 404
    customer.refresh_from_db()
    assert (customer.status, customer.name) == ("active", "One")


def test_scopes_part_readers_from_writers(acme: Organization, customer: EndCustomer, now: datetime) -> None:
    reader = program_of(acme, "end_customers:read", now=now)
    writer = program_of(acme, "end_customers:write", now=now)

    assert reader.send("get", "/end-customers").status_code == 200
    assert writer.send("get", "/end-customers").status_code == 403
    assert reader.send("post", "/end-customers", {"external_id": "c"}).status_code == 403
    assert reader.send("get", "/keys").status_code == 403
    for method, path, sent in CHANGES:
        assert reader.send(method, f"/end-customers/{customer.pk}{path}", sent).status_code == 403
        assert writer.send(method, f"/end-customers/{customer.pk}{path}", sent).status_code == 200
    assert reader.send("get", f"/end-customers/{uuid4()}").status_code == 404
