"""Verifying keys for other gateways."""

import json
import logging
from dataclasses import replace
from typing import Any

import pytest
import redis as redis_client
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from core.tokens import Environment, new_token
from core.wire import RateLimits
from tests.forged_keys import forged
from tests.gateway.published import SPARK, Account, Publisher, new_account


@pytest.fixture
def published(redis: "redis_client.Redis") -> Publisher:
    publisher = Publisher(redis)
    publisher.everything(SPARK, replace(SPARK, slug="muse-secret", is_public=False))
    return publisher


@pytest.fixture
def account(published: Publisher) -> Account:
    return published.account(new_account(limits=RateLimits(requests_per_minute=60)))


def verify(text: str, **more: object) -> Any:
    return Client().post("/api/v1/keys/verify", {"key": text, **more}, content_type="application/json")


def authorize(text: str, path: str = "", **headers: str) -> Any:
    return Client().get(f"/api/v1/keys/authorize{path}", headers={"Authorization": f"Bearer {text}", **headers})


def changed(published: Publisher, account: Account, **key: object) -> Account:
    return published.account(replace(account, key=replace(account.key, version=2, **key)))  # type: ignore[arg-type]


def test_a_good_key_is_told_with_its_limits_and_without_a_query(
    account: Account, django_assert_num_queries: DjangoAssertNumQueries, db: None
) -> None:
    with django_assert_num_queries(0):
        answer = verify(account.token.text)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.json()
    assert (told["valid"], told["code"], told["key_id"]) == (True, "valid", account.key.key_id)
    assert (told["organization"], told["project"]) == (account.organization.id, account.key.project)
    assert told["limits"]["requests_per_minute"] == 60
    assert told["key_limits"]["requests_per_minute"] is None
    assert account.key.hash not in answer.content.decode()


@pytest.mark.parametrize(
    ("key", "asked", "code"),
    [
        ({"status": "revoked"}, {}, "revoked_api_key"),
        ({"status": "disabled"}, {}, "disabled_api_key"),
        ({"status": "frozen"}, {}, "frozen_api_key"),
        ({"expires_at": 1.0}, {}, "expired_api_key"),
        ({"kind": "admin"}, {}, "admin_key_calls_no_model"),
        ({"scopes": ("models",)}, {}, "scope_missing"),
        ({"scopes": ("models",)}, {"scope": "models"}, "valid"),
        ({"networks": ("203.0.113.0/24",)}, {}, "ip_address_not_allowed"),
        ({"networks": ("203.0.113.0/24",)}, {"address": "203.0.113.7"}, "valid"),
        ({"denied_models": ("muse-spark",)}, {"model": "muse-spark"}, "model_not_granted"),
        ({}, {"model": "muse-spark"}, "valid"),
        ({}, {"model": "muse-secret"}, "model_not_granted"),
        ({}, {"model": "gpt-5"}, "model_not_found"),
    ],
)
def test_the_answer_is_the_gateways(
    published: Publisher, account: Account, key: dict[str, object], asked: dict[str, object], code: str
) -> None:
    changed(published, account, **key)

    told = verify(account.token.text, **asked).json()

    assert (told["code"], told["valid"]) == (code, code == "valid")
    assert told["id"] == account.key.id


def test_a_suspended_organizations_key_is_not_valid(published: Publisher, account: Account) -> None:
    suspended = replace(account.organization, status="suspended", version=2)
    published.account(replace(account, organization=suspended))

    assert verify(account.token.text).json()["code"] == "organization_suspended"


def test_who_does_not_know_the_secret_is_told_nothing(account: Account) -> None:
    wrong = forged(account.token, "0" * 32)

    for text, code in ((wrong.text, "invalid_api_key"), (account.token.prefix, "malformed_api_key")):
        told = verify(text).json()
        assert set(told) == {"valid", "code", "message"}
        assert (told["valid"], told["code"]) == (False, code)


def test_an_unknown_key_does_not_exist(published: Publisher) -> None:
    assert verify(new_token("tw", Environment.LIVE).text).json()["code"] == "invalid_api_key"


@pytest.mark.parametrize(
    "body",
    ["{", "[]", "{}", '{"key": 1}', '{"key": "x", "mode": "y"}', '{"key": "x", "model": 1}', '{"key":"x","scope":"y"}'],
)
def test_a_body_that_is_wrong_is_a_problem(body: str) -> None:
    answer = Client().post("/api/v1/keys/verify", body, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_an_endless_body_is_not_read() -> None:
    body = json.dumps({"key": "x" * 5000})

    assert Client().post("/api/v1/keys/verify", body, content_type="application/json").status_code == 400


def test_what_is_not_published_yet_is_a_matter_of_seconds(redis: "redis_client.Redis") -> None:
    text = new_account().token.text

    assert (verify(text).status_code, authorize(text).status_code) == (503, 503)


@pytest.mark.usefixtures("redis_is_away")
def test_without_redis_nothing_is_judged() -> None:
    assert verify(new_account().token.text).json()["code"] == "service_unavailable"


def test_keys_are_not_logged(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    verify(account.token.text)
    verify(account.token.text[:-1])
    authorize(account.token.text)

    assert account.token.secret not in caplog.text


class TestAuthorize:
    def test_a_good_key_passes_with_headers_that_say_whose_it_is(self, account: Account) -> None:
        answer = authorize(account.token.text)

        assert answer.status_code == 200
        assert answer.headers["x-tollway-organization"] == account.organization.id
        assert answer.headers["x-tollway-project"] == account.key.project
        assert answer.headers["x-tollway-key"] == account.key.id

    def test_anthropics_header_is_read(self, account: Account) -> None:
        answer = Client().get("/api/v1/keys/authorize", headers={"x-api-key": account.token.text})

        assert answer.status_code == 200

    def test_envoy_asks_with_the_callers_own_method_and_path(self, account: Account) -> None:
        answer = Client(enforce_csrf_checks=True).post(
            "/api/v1/keys/authorize/v1/chat/completions", headers={"Authorization": f"Bearer {account.token.text}"}
        )

        assert answer.status_code == 200

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/v1/models", 200),
            ("/v1/models/muse-spark", 200),
            ("/v1/chat/completions", 403),
            ("/v1/chat/completions?scope=models", 403),
            ("/v1/chat/completions/v1/models", 403),
        ],
    )
    def test_behind_envoy_the_callers_path_says_the_scope_and_the_query_nothing(
        self, published: Publisher, account: Account, path: str, status: int
    ) -> None:
        changed(published, account, scopes=("models",))

        assert authorize(account.token.text, path).status_code == status

    @pytest.mark.parametrize(
        ("key", "path", "status"),
        [
            ({"status": "revoked"}, "", 401),
            ({"expires_at": 1.0}, "", 401),
            ({"kind": "admin"}, "", 403),
            ({"scopes": ("models",)}, "", 403),
            ({"scopes": ("models",)}, "?scope=models", 200),
            ({"denied_models": ("muse-spark",)}, "?model=muse-spark", 403),
            ({}, "?model=gpt-5", 403),
        ],
    )
    def test_refusals_are_401_or_403(
        self, published: Publisher, account: Account, key: dict[str, object], path: str, status: int
    ) -> None:
        changed(published, account, **key)

        assert authorize(account.token.text, path).status_code == status

    def test_no_key_is_401(self, published: Publisher) -> None:
        answer = Client().get("/api/v1/keys/authorize")

        assert (answer.status_code, answer.headers["x-tollway-code"]) == (401, "missing_api_key")
        assert "x-tollway-organization" not in answer.headers

    def test_only_a_trusted_proxy_says_who_calls(self, published: Publisher, account: Account) -> None:
        changed(published, account, networks=("203.0.113.0/24",))
        forwarded = {"X-Forwarded-For": "203.0.113.7"}

        assert authorize(account.token.text, **forwarded).status_code == 403
        with override_settings(TRUSTED_PROXIES=["127.0.0.1"]):
            assert authorize(account.token.text, **forwarded).status_code == 200
