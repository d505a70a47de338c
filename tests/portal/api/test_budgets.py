"""Budgets by API."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Organization
from core.usage import TokenCounts
from keys.models import ApiKey
from tests.factories import default_project, make_key, make_model, use
from tests.portal.api.conftest import Program, program_of
from usage.models import Budget


@pytest.fixture
def key(acme: Organization, now: datetime) -> ApiKey:
    return make_key(acme, now=now, name="Search").key


def sent(key: ApiKey, **values: object) -> dict[str, object]:
    return {"node": "key", "node_id": str(key.pk), "window": "day", "cap": "25.00", **values}


def body_of(response: Any) -> Any:
    return response.json()


def test_a_budget_is_set_read_changed_and_removed(ops: Program, key: ApiKey, now: datetime) -> None:
    made = ops.send("post", "/budgets", sent(key))
    use(key, make_model(now=now), at=now, counts=TokenCounts(input=3))
    address = f"/budgets/{body_of(made)['id']}"

    read = body_of(ops.send("get", address))
    changed = body_of(ops.send("patch", address, {"cap": "0.5", "is_hard": False}))
    removed = ops.send("delete", address)

    assert made.status_code == 201
    assert read == {
        "id": body_of(made)["id"],
        "node": "key",
        "node_id": str(key.pk),
        "name": str(key),
        "window": "day",
        "cap": "25.00",
        "currency": "USD",
        "is_hard": True,
        "thresholds": [50, 80, 100],
        "spent": "0.00000375",
        "starts_at": "2026-04-08T00:00:00Z",
        "resets_at": "2026-04-09T00:00:00Z",
    }
    assert (changed["cap"], changed["is_hard"], changed["thresholds"]) == ("0.50", False, [50, 80, 100])
    assert (removed.status_code, ops.send("get", address).status_code) == (204, 404)


def test_the_organization_needs_no_id(ops: Program, acme: Organization) -> None:
    made = body_of(ops.send("post", "/budgets", {"node": "organization", "window": "lifetime", "cap": "0"}))

    assert (made["node_id"], made["resets_at"]) == (str(acme.pk), None)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"cap": "-1"}, "cap"),
        ({"cap": "NaN"}, "cap"),
        ({"cap": "1e3"}, "cap"),
        ({"cap": "99999999999"}, "cap"),
        ({"cap": "0.0000001"}, "cap"),
        ({"cap": 25.0}, "cap"),
        ({"cap": None}, "cap"),
        ({"window": "year"}, "window"),
        ({"node": "moon"}, "node"),
        ({"node_id": "mine"}, "node_id"),
        ({"node_id": None}, "node_id"),
        ({"thresholds": [0]}, "thresholds.0"),
        ({"thresholds": "all"}, "thresholds"),
        ({"hard": True}, "hard"),
    ],
)
def test_a_wrong_field_is_named(ops: Program, key: ApiKey, values: dict[str, object], field: str) -> None:
    response = ops.send("post", "/budgets", sent(key, **values))

    assert response.status_code == 422
    assert field in {error["field"] for error in body_of(response)["errors"]}
    assert not Budget.objects.exists()


def test_which_key_must_be_said(ops: Program) -> None:
    response = ops.send("post", "/budgets", {"node": "key", "window": "day", "cap": "1"})

    assert [error["field"] for error in body_of(response)["errors"]] == ["node_id"]


def test_a_node_of_another_organization_is_not_found(ops: Program, elsewhere: Organization, now: datetime) -> None:
    theirs = make_key(elsewhere, now=now).key

    assert ops.send("post", "/budgets", sent(theirs)).status_code == 404
    at_project = {"node": "project", "node_id": str(default_project(elsewhere).pk), "window": "day", "cap": "1"}
    assert ops.send("post", "/budgets", at_project).status_code == 404
    at_organization = {"node": "organization", "node_id": str(elsewhere.pk), "window": "day", "cap": "1"}
    assert ops.send("post", "/budgets", at_organization).status_code == 404
    assert not Budget.objects.exists()


def test_a_second_one_is_a_conflict(ops: Program, key: ApiKey) -> None:
    ops.send("post", "/budgets", sent(key))

    response = ops.send("post", "/budgets", sent(key))

    assert (response.status_code, body_of(response)["code"]) == (409, "budget_exists")


def test_the_same_request_gets_the_same_answer_again(ops: Program, key: ApiKey) -> None:
    once = {"Idempotency-Key": "budget-1"}

    first, again = (ops.send("post", "/budgets", sent(key), **once) for _ in range(2))
    other = ops.send("post", "/budgets", sent(key, cap="1"), **once)

    assert (first.status_code, again.status_code) == (201, 201)
    assert body_of(first) == body_of(again)
    assert (other.status_code, body_of(other)["code"]) == (422, "idempotency_key_reused")


def test_an_idempotency_key_of_a_key_makes_no_budget(ops: Program, key: ApiKey) -> None:
    once = {"Idempotency-Key": "same"}
    ops.send("post", "/keys", {"name": "CI"}, **once)

    assert body_of(ops.send("post", "/budgets", sent(key), **once))["code"] == "idempotency_key_reused"


def test_the_list_has_pages_and_can_be_narrowed(ops: Program, acme: Organization, key: ApiKey) -> None:
    for window in ("day", "week", "month"):
        ops.send("post", "/budgets", sent(key, window=window))
    ops.send("post", "/budgets", {"node": "organization", "window": "day", "cap": "1"})

    first = body_of(ops.send("get", "/budgets?limit=3"))
    second = body_of(ops.send("get", "/budgets?" + first["next"].partition("?")[2]))
    narrowed = body_of(ops.send("get", f"/budgets?node=key&node_id={key.pk}"))

    assert [len(first["data"]), len(second["data"]), len(narrowed["data"])] == [3, 1, 3]
    assert ops.send("get", "/budgets?node=moon").status_code == 422
    assert ops.send("get", "/budgets?node_id=moon").status_code == 422


def test_an_outsider_finds_nothing(ops: Program, outsider: Program, key: ApiKey) -> None:
    address = f"/budgets/{body_of(ops.send('post', '/budgets', sent(key)))['id']}"

    assert body_of(outsider.send("get", "/budgets"))["data"] == []
    for method in ("get", "patch", "delete"):
        assert outsider.send(method, address, {"cap": "1"}).status_code == 404
    assert Budget.objects.count() == 1


def test_scopes_part_readers_from_writers(acme: Organization, key: ApiKey, now: datetime) -> None:
    reader, writer = program_of(acme, "budgets:read", now=now), program_of(acme, "budgets:write", now=now)

    made = writer.send("post", "/budgets", sent(key))
    address = f"/budgets/{body_of(made)['id']}"

    assert made.status_code == 201
    assert reader.send("post", "/budgets", sent(key, window="week")).status_code == 403
    assert (reader.send("get", address).status_code, writer.send("get", address).status_code) == (200, 403)
    assert reader.send("patch", address, {"cap": "1"}).status_code == 403
    assert reader.send("delete", address).status_code == 403
    assert writer.send("delete", f"/budgets/{uuid4()}").status_code == 404
