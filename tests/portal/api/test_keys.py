"""Keys by API, with an admin key."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, Organization, Project
from core.tokens import parse_token
from keys.disable import disable_key
from keys.models import ApiKey, IdempotentIssue
from keys.restrictions import Restrictions
from keys.revoke import revoke_key
from tests.factories import ROBOT, default_project, make_key, make_model
from tests.portal.api.conftest import Program, program_of

DAY = timedelta(days=1)
CHANGES = [("patch", ""), ("post", "/rotate"), ("post", "/revoke"), ("post", "/disable"), ("post", "/enable")]


@pytest.fixture
def key(acme: Organization, now: datetime) -> ApiKey:
    return make_key(acme, now=now, name="Search").key


def body_of(response: Any) -> Any:
    return response.json()


class TestWhoCalls:
    @pytest.mark.parametrize(
        ("header", "code", "status"),
        [
            ("", "missing_api_key", 401),
            ("Basic eA==", "missing_api_key", 401),
            ("Bearer tw_admin_" + "0" * 50, "malformed_api_key", 401),
        ],
    )
    def test_without_a_key_nothing_is_told(self, ops: Program, header: str, code: str, status: int) -> None:
        response = ops.send("get", "/keys", Authorization=header)

        assert (response.status_code, body_of(response)["code"]) == (status, code)
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.headers["WWW-Authenticate"].startswith("Bearer")

    def test_a_key_that_calls_models_manages_nothing(self, acme: Organization, now: datetime) -> None:
        response = Program(make_key(acme, now=now)).send("get", "/keys")

        assert (response.status_code, body_of(response)["code"]) == (403, "admin_key_needed")

    def test_a_stopped_admin_key_is_refused_at_once(self, ops: Program, now: datetime) -> None:
        disable_key(ops.key, actor=ROBOT, now=now)
        assert body_of(ops.send("get", "/keys"))["code"] == "disabled_api_key"

        revoke_key(ops.key, actor=ROBOT, now=now)
        assert body_of(ops.send("get", "/keys"))["code"] == "revoked_api_key"

    def test_a_suspended_organization_is_refused(self, ops: Program) -> None:
        Organization.objects.update(status="suspended")

        assert body_of(ops.send("get", "/keys"))["code"] == "organization_suspended"

    def test_networks_bind_admin_keys_too(self, acme: Organization, now: datetime) -> None:
        bound = Program(make_key(acme, now=now, kind="admin", restrictions=Restrictions(networks=["203.0.113.0/24"])))
        forwarded = {"X-Forwarded-For": "203.0.113.7"}

        assert body_of(bound.send("get", "/keys", **forwarded))["code"] == "ip_address_not_allowed"
        with override_settings(TRUSTED_PROXIES=["127.0.0.1"]):
            assert bound.send("get", "/keys", **forwarded).status_code == 200

    def test_a_key_that_may_read_writes_nothing(self, acme: Organization, key: ApiKey, now: datetime) -> None:
        reader = program_of(acme, "keys:read", now=now)

        assert reader.send("get", f"/keys/{key.pk}").status_code == 200
        assert reader.send("post", "/keys", {"name": "CI"}).status_code == 403
        for method, path in CHANGES:
            assert reader.send(method, f"/keys/{key.pk}{path}", {}).status_code == 403
        key.refresh_from_db()
        assert (key.status, key.replaced_by) == ("active", None)

    def test_a_key_that_may_write_reads_nothing(self, acme: Organization, key: ApiKey, now: datetime) -> None:
        writer = program_of(acme, "keys:write", now=now)

        assert writer.send("get", "/keys").status_code == 403
        assert writer.send("get", f"/keys/{key.pk}").status_code == 403
        assert writer.send("post", f"/keys/{key.pk}/disable").status_code == 200

    def test_an_outsider_finds_nothing(self, outsider: Program, key: ApiKey) -> None:
        assert body_of(outsider.send("get", "/keys"))["data"][0]["id"] == str(outsider.key.pk)
        assert len(body_of(outsider.send("get", "/keys"))["data"]) == 1
        assert outsider.send("get", f"/keys/{key.pk}").status_code == 404
        for method, path in CHANGES:
            assert outsider.send(method, f"/keys/{key.pk}{path}", {}).status_code == 404
        key.refresh_from_db()
        assert key.status == "active"

    def test_the_last_use_is_noted(self, ops: Program, now: datetime) -> None:
        ops.send("get", "/keys")

        ops.key.refresh_from_db()
        assert (ops.key.last_used_at, ops.key.last_used_from) == (now, "127.0.0.1")


class TestCreate:
    def test_the_key_is_told_once_and_audited(self, ops: Program, acme: Organization, now: datetime) -> None:
        make_model(now=now)
        sent = {"name": "CI", "scopes": ["inference"], "networks": ["10.0.0.0/8"], "models": ["muse-spark"]}

        response = ops.send("post", "/keys", sent | {"expires_at": "2026-05-01T00:00:00Z", "environment": "test"})

        made = body_of(response)
        token = parse_token(made["key"], brand="tw")
        key = ApiKey.objects.get(pk=made["id"])
        assert response.status_code == 201
        assert response.headers["Cache-Control"] == "no-store"
        assert token is not None
        assert (token.key_id, token.environment) == (key.key_id, "test")
        assert (key.kind, key.networks, key.project) == ("restricted", ["10.0.0.0/8"], default_project(acme))
        assert "key" not in body_of(ops.send("get", f"/keys/{key.pk}"))
        entry = AuditEntry.objects.get(action="key.issued", object_id=str(key.pk))
        assert (entry.actor, entry.user, entry.organization) == (f"Key {ops.key.prefix}", None, acme)

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({}, "name"),
            ({"name": ""}, "name"),
            ({"name": "CI", "kind": "admin"}, "kind"),
            ({"name": "CI", "environment": "admin"}, "environment"),
            ({"name": "CI", "scopes": ["root"]}, "scopes.0"),
            ({"name": "CI", "network": ["10.0.0.0/8"]}, "network"),
            ({"name": "CI", "networks": "10.0.0.0/8"}, "networks"),
            ({"name": "CI", "expires_at": "soon"}, "expires_at"),
            ({"name": "CI", "project": "mine"}, "project"),
        ],
    )
    def test_a_wrong_field_is_named(self, ops: Program, sent: dict[str, object], field: str) -> None:
        response = ops.send("post", "/keys", sent)

        assert response.status_code == 422
        assert field in {error["field"] for error in body_of(response)["errors"]}
        assert ApiKey.objects.count() == 1

    @pytest.mark.parametrize(
        "sent",
        [
            {"name": "CI", "networks": ["10.0.0.1/8"]},
            {"name": "CI", "scopes": ["keys:write"]},
            {"name": "CI", "kind": "restricted"},
            {"name": "CI", "expires_at": "2020-01-01T00:00:00Z"},
            {"name": "CI", "project": str(uuid4())},
        ],
    )
    def test_what_an_action_refuses_is_a_problem(self, ops: Program, sent: dict[str, object]) -> None:
        response = ops.send("post", "/keys", sent)

        assert (response.status_code, body_of(response)["code"]) == (422, "invalid")
        assert body_of(response)["type"].endswith("/docs/api/#invalid")

    def test_anothers_project_is_none(self, ops: Program, elsewhere: Organization) -> None:
        sent = {"name": "CI", "project": str(default_project(elsewhere).pk)}

        assert ops.send("post", "/keys", sent).status_code == 422

    def test_it_may_have_a_budget_from_the_start(self, ops: Program) -> None:
        usual = body_of(ops.send("post", "/keys", {"name": "CI"}))
        own = body_of(ops.send("post", "/keys", {"name": "CI", "budget": {"cap": "3", "window": "week"}}))
        wrong = ops.send("post", "/keys", {"name": "CI", "budget": {"cap": "-3"}})

        assert [(each["window"], each["cap"]) for each in usual["budgets"]] == [("day", "25.00")]
        assert [(each["window"], each["cap"]) for each in own["budgets"]] == [("week", "3.00")]
        assert body_of(ops.send("get", f"/keys/{own['id']}"))["budgets"] == own["budgets"]
        assert [error["field"] for error in body_of(wrong)["errors"]] == ["budget.cap"]

    def test_to_choose_one_takes_the_scope(self, acme: Organization, now: datetime) -> None:
        writer = program_of(acme, "keys:write", now=now)

        assert writer.send("post", "/keys", {"name": "CI", "budget": {"cap": "3"}}).status_code == 403
        assert writer.send("post", "/keys", {"name": "CI"}).status_code == 201

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"models": ["muse-spark", "muse-sprak"]}, "models.1"),
            ({"denied_models": ["muse-draft"]}, "denied_models.0"),
        ],
    )
    def test_an_unknown_model_is_named(self, ops: Program, now: datetime, sent: dict[str, object], field: str) -> None:
        make_model(now=now)
        make_model("muse-draft", now=now, stage="draft")

        response = ops.send("post", "/keys", {"name": "CI"} | sent)

        assert (response.status_code, body_of(response)["code"]) == (400, "bad_request")
        assert [error["field"] for error in body_of(response)["errors"]] == [field]
        assert ApiKey.objects.count() == 1

    @pytest.mark.parametrize("body", ["{", "[]", "null"])
    def test_what_is_no_object_is_no_failure_of_ours(self, ops: Program, body: str) -> None:
        response = ops.send("post", "/keys", body)

        assert response.status_code in {400, 422}
        assert response.headers["Content-Type"] == "application/problem+json"


class TestRotatingAdminKeys:
    def test_a_program_rotates_itself_with_an_overlap(self, ops: Program, now: datetime) -> None:
        response = ops.send("post", f"/keys/{ops.key.pk}/rotate", {"grace_seconds": 60})

        made = body_of(response)
        token = parse_token(made["key"], brand="tw")
        assert (response.status_code, made["kind"]) == (201, "admin")
        assert token is not None
        assert token.environment == "admin"
        assert ops.send("get", "/keys").status_code == 200, "the old one works on"
        renewed = ops.send("get", "/keys", Authorization=f"Bearer {made['key']}")
        assert renewed.status_code == 200
        ops.key.refresh_from_db()
        assert ops.key.expires_at == now + timedelta(minutes=1)

    def test_it_rotates_another_that_can_do_no_more(self, ops: Program, acme: Organization, now: datetime) -> None:
        other = program_of(acme, "keys:read", now=now)

        assert body_of(ops.send("post", f"/keys/{other.key.pk}/rotate"))["scopes"] == ["keys:read"]

    def test_it_gets_no_key_that_can_do_more(self, ops: Program, acme: Organization, now: datetime) -> None:
        writer = program_of(acme, "keys:write", now=now)
        bound = Restrictions(networks=["127.0.0.1"])
        here = Program(make_key(acme, now=now, kind="admin", restrictions=bound))

        assert writer.send("post", f"/keys/{ops.key.pk}/rotate").status_code == 403
        assert here.send("post", f"/keys/{ops.key.pk}/rotate").status_code == 403
        ops.key.refresh_from_db()
        assert ops.key.replaced_by is None

    def test_a_reader_rotates_not_even_itself(self, acme: Organization, now: datetime) -> None:
        reader = program_of(acme, "keys:read", now=now)

        assert reader.send("post", f"/keys/{reader.key.pk}/rotate").status_code == 403

    def test_an_answer_that_was_lost_is_had_again(self, ops: Program) -> None:
        once = {"Idempotency-Key": "rotation-1"}

        first, again = (ops.send("post", f"/keys/{ops.key.pk}/rotate", {}, **once) for _ in range(2))

        assert first.status_code == 201
        assert body_of(first) == body_of(again)


class TestIdempotency:
    def test_the_same_request_gets_the_same_key_again(self, ops: Program) -> None:
        first = ops.send("post", "/keys", {"name": "CI"}, **{"Idempotency-Key": "build-1"})
        again = ops.send("post", "/keys", {"name": "CI"}, **{"Idempotency-Key": "build-1"})
        other = ops.send("post", "/keys", {"name": "CI"}, **{"Idempotency-Key": "build-2"})

        assert first.status_code == again.status_code == 201
        assert body_of(first) == body_of(again)
        assert body_of(other)["id"] != body_of(first)["id"]
        assert ApiKey.objects.filter(name="CI").count() == 2

    def test_what_is_kept_does_not_hold_the_key_in_clear(self, ops: Program) -> None:
        made = body_of(ops.send("post", "/keys", {"name": "CI"}, **{"Idempotency-Key": "build-1"}))

        row = IdempotentIssue.objects.get()
        assert made["key"].encode() not in bytes(row.sealed)
        assert "build-1" not in str(IdempotentIssue.objects.values())

    def test_another_request_with_it_is_refused(self, ops: Program) -> None:
        ops.send("post", "/keys", {"name": "CI"}, **{"Idempotency-Key": "build-1"})

        response = ops.send("post", "/keys", {"name": "CD"}, **{"Idempotency-Key": "build-1"})

        assert (response.status_code, body_of(response)["code"]) == (422, "idempotency_key_reused")

    def test_a_refused_request_keeps_nothing(self, ops: Program) -> None:
        refused = ops.send("post", "/keys", {"name": "CI", "networks": ["home"]}, **{"Idempotency-Key": "build-1"})
        made = ops.send("post", "/keys", {"name": "CI"}, **{"Idempotency-Key": "build-1"})

        assert (refused.status_code, made.status_code) == (422, 201)

    def test_another_program_has_its_own(self, ops: Program, acme: Organization, now: datetime) -> None:
        second = program_of(acme, now=now)

        made = [
            body_of(program.send("post", "/keys", {"name": "CI"}, **{"Idempotency-Key": "build-1"}))
            for program in (ops, second)
        ]

        assert made[0]["id"] != made[1]["id"]

    def test_after_a_day_it_is_forgotten(self, ops: Program, now: datetime) -> None:
        first = ops.send("post", "/keys", {"name": "CI"}, **{"Idempotency-Key": "build-1"})
        IdempotentIssue.objects.update(created_at=now - DAY - timedelta(seconds=1))

        again = ops.send("post", "/keys", {"name": "CI"}, **{"Idempotency-Key": "build-1"})

        assert body_of(first)["id"] != body_of(again)["id"]


class TestList:
    def test_pages_follow_each_other_newest_first(
        self, ops: Program, acme: Organization, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        keys = [make_key(acme, now=now, name=f"Key {number}").key for number in range(5)]

        with django_assert_num_queries(3):  # the admin key, its use, the keys
            first = body_of(ops.send("get", "/keys?limit=3"))
        with time_machine.travel(now + DAY, tick=False):
            make_key(acme, now=now, name="Late")
        second = body_of(ops.send("get", "/keys?" + first["next"].partition("?")[2]))

        listed = [key["id"] for key in first["data"] + second["data"]]
        assert listed == sorted((str(key.pk) for key in [*keys, ops.key]), reverse=True)
        assert second["next"] is None

    def test_a_page_has_two_hundred_at_most(self, ops: Program) -> None:
        assert ops.send("get", "/keys?limit=9999").status_code == 200
        assert ops.send("get", "/keys?cursor=nonsense").status_code == 404


class TestChange:
    def test_what_is_not_sent_stays(self, ops: Program, acme: Organization, now: datetime) -> None:
        limits = Restrictions(["inference"], ["muse-spark"])
        key = make_key(acme, now=now, restrictions=limits, expires_at=now + DAY).key

        changed = body_of(ops.send("patch", f"/keys/{key.pk}", {"networks": ["10.0.0.0/8"]}))

        key.refresh_from_db()
        assert (key.networks, key.model_slugs, key.scopes) == (["10.0.0.0/8"], ["muse-spark"], ["inference"])
        assert (key.expires_at, changed["name"]) == (now + DAY, "Laptop")

    def test_limits_are_set_one_by_one_and_taken_away(self, ops: Program, now: datetime) -> None:
        sent = {"name": "CI", "limits": {"requests_per_minute": 60, "requests_per_day": 1_000}}

        made = body_of(ops.send("post", "/keys", sent))
        changed = body_of(ops.send("patch", f"/keys/{made['id']}", {"limits": {"requests_per_day": None}}))

        unlimited = dict.fromkeys(("input_tokens_per_minute", "output_tokens_per_minute", "concurrent_requests"))
        assert made["limits"] == {"requests_per_minute": 60, "requests_per_day": 1_000} | unlimited
        assert changed["limits"] == {"requests_per_minute": 60, "requests_per_day": None} | unlimited

    @pytest.mark.parametrize(
        ("limits", "field"),
        [
            ({"requests_per_minute": 0}, "limits.requests_per_minute"),
            ({"requests_per_day": 2**31}, "limits.requests_per_day"),
            ({"concurrent_requests": "many"}, "limits.concurrent_requests"),
            ({"requests_per_second": 1}, "limits.requests_per_second"),
        ],
    )
    def test_a_wrong_limit_is_named(self, ops: Program, limits: dict[str, object], field: str) -> None:
        response = ops.send("post", "/keys", {"name": "CI", "limits": limits})

        assert response.status_code == 422
        assert [error["field"] for error in body_of(response)["errors"]] == [field]

    def test_null_takes_the_end_away(self, ops: Program, acme: Organization, now: datetime) -> None:
        key = make_key(acme, now=now, expires_at=now + DAY).key

        assert body_of(ops.send("patch", f"/keys/{key.pk}", {"expires_at": None}))["expires_at"] is None

    def test_unknown_fields_are_refused(self, ops: Program, key: ApiKey) -> None:
        assert ops.send("patch", f"/keys/{key.pk}", {"status": "revoked"}).status_code == 422

    def test_rotation_answers_the_new_key_once(self, ops: Program, key: ApiKey, now: datetime) -> None:
        response = ops.send("post", f"/keys/{key.pk}/rotate", {"grace_seconds": 60})

        key.refresh_from_db()
        assert response.status_code == 201
        assert body_of(response)["id"] == str(key.replaced_by_id)
        assert parse_token(body_of(response)["key"], brand="tw") is not None
        assert key.expires_at == now + timedelta(minutes=1)
        assert body_of(ops.send("post", f"/keys/{key.pk}/rotate"))["code"] == "key_rotated"

    @pytest.mark.parametrize("grace", [-1, 31 * 86_400, 10**30, "long"])
    def test_the_overlap_is_bounded(self, ops: Program, key: ApiKey, grace: object) -> None:
        assert ops.send("post", f"/keys/{key.pk}/rotate", {"grace_seconds": grace}).status_code == 422

    def test_a_key_is_stopped_and_started(self, ops: Program, key: ApiKey) -> None:
        statuses = [
            body_of(ops.send("post", f"/keys/{key.pk}/{change}"))["status"]
            for change in ("disable", "enable", "revoke")
        ]

        assert statuses == ["disabled", "active", "revoked"]
        assert body_of(ops.send("post", f"/keys/{key.pk}/enable"))["code"] == "key_revoked"
        assert ops.send("post", f"/keys/{key.pk}/enable").status_code == 409

    def test_the_reason_of_a_revocation_is_audited(self, ops: Program, key: ApiKey) -> None:
        ops.send("post", f"/keys/{key.pk}/revoke", {"reason": "left the company"})

        assert AuditEntry.objects.get(action="key.revoked").data["reason"] == "left the company"

    def test_a_model_that_the_key_names_already_may_be_gone(
        self, ops: Program, acme: Organization, now: datetime
    ) -> None:
        key = make_key(acme, now=now, restrictions=Restrictions(models=["muse-old"])).key

        assert ops.send("patch", f"/keys/{key.pk}", {"models": ["muse-old"]}).status_code == 200
        assert ops.send("patch", f"/keys/{key.pk}", {"models": ["muse-new"]}).status_code == 400

    def test_a_program_changes_no_admin_key(self, ops: Program, acme: Organization, now: datetime) -> None:
        other = program_of(acme, now=now)

        for method, path in CHANGES:
            if path == "/rotate":
                continue
            assert ops.send(method, f"/keys/{other.key.pk}{path}", {}).status_code == 403

    def test_an_archived_project_takes_no_key(self, ops: Program, acme: Organization, now: datetime) -> None:
        old = Project.objects.create(organization=acme, name="Old", created_at=now, archived_at=now)

        assert ops.send("post", "/keys", {"name": "CI", "project": str(old.pk)}).status_code == 422

    def test_an_archived_projects_own_admin_key_is_refused(self, ops: Program) -> None:
        Project.objects.update(archived_at=ops.key.created_at)

        assert ops.send("get", "/keys").status_code == 401


@pytest.mark.parametrize(("method", "path"), [("get", "/nowhere"), ("put", "/keys"), ("get", "/keys/1")])
def test_every_refusal_is_a_problem(ops: Program, method: str, path: str) -> None:
    response = ops.send(method, path)

    assert response.status_code in {404, 405}
    assert response.headers["Content-Type"] == "application/problem+json"
    assert body_of(response)["status"] == response.status_code


class TestProblems:
    @pytest.mark.parametrize(
        ("method", "path", "kind", "status", "code", "title"),
        [
            ("put", "/keys", "application/json", 405, "method_not_allowed", "Method Not Allowed"),
            ("post", "/keys", "text/xml", 415, "unsupported_media_type", "Unsupported Media Type"),
            ("post", "/keys", "application/json", 400, "bad_request", "The request can't be read"),
        ],
    )
    def test_what_cannot_be_read_is_said_in_words_of_ours(
        self, ops: Program, method: str, path: str, kind: str, status: int, code: str, title: str
    ) -> None:
        headers = {"Authorization": f"Bearer {ops.issued.text}"}
        response = getattr(Client(), method)(f"/api/v1{path}", "{nope", content_type=kind, headers=headers)

        problem = body_of(response)
        assert (response.status_code, problem["code"], problem["title"]) == (status, code, title)
        page, _, anchor = problem["type"].partition("#")
        assert f'id="{anchor}"' in Client().get(urlsplit(page).path).content.decode()

    def test_a_refused_key_is_explained_where_the_gateways_refusals_are(self, ops: Program) -> None:
        problem = body_of(ops.send("get", "/keys", Authorization=""))

        page, _, anchor = problem["type"].partition("#")
        assert urlsplit(page).path == "/docs/"
        assert f'id="{anchor}"' in Client().get("/docs/").content.decode()

    def test_what_an_action_refuses_names_its_field(self, ops: Program) -> None:
        response = ops.send("post", "/keys", {"name": "CI", "networks": ["home"]})

        assert response.status_code == 422
        assert body_of(response)["errors"] == [
            {"field": "networks", "detail": "“home” is no IP address or CIDR network."}
        ]
