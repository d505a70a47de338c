"""How often the API is asked."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import redis as redis_client
import time_machine
from django.test import Client, override_settings

from accounts.models import Organization
from core.wire import KEYS_USED
from keys.facts import publish_keys
from keys.models import ApiKey
from portal.api import rated, rates
from portal.api.errors import TooManyRequests
from portal.api.rates import Rate
from tests.factories import make_key
from tests.portal.api.conftest import Program, program_of

MINUTE = timedelta(minutes=1)
NOTHING = {"key": "tw_live_" + "0" * 50}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody ask twice a minute, so that a test needs three requests."""
    for name in ("VERIFICATION", "GATEWAYS"):
        monkeypatch.setattr(rated, name, Rate(name, 2))
    monkeypatch.setattr(rates.PerAdminKey, "rate", Rate("management", 2))


def ask(method: str, path: str, **headers: str) -> Any:
    content = {"content_type": "application/json"} if path.startswith("/api/") else {}
    sent = {} if method == "get" else {"data": NOTHING, **content}
    return getattr(Client(), method)(path, headers=headers, **sent)


@pytest.mark.parametrize(("method", "path"), [("post", "/api/v1/keys/verify"), ("get", "/api/v1/keys/authorize")])
def test_who_asks_too_often_waits_for_the_next_minute(few: None, now: datetime, method: str, path: str) -> None:
    with time_machine.travel(now + timedelta(seconds=45), tick=False):
        answers = [ask(method, path) for _ in range(3)]

    assert [answer.status_code == 429 for answer in answers] == [False, False, True]
    assert answers[2].headers["Content-Type"] == "application/problem+json"
    assert answers[2].headers["Retry-After"] == "15"
    assert answers[2].json()["code"] == "too_many_requests"
    with time_machine.travel(now + MINUTE, tick=False):
        assert ask(method, path).status_code != 429


@pytest.mark.django_db
def test_reports_have_a_rate_of_their_own(now: datetime) -> None:
    for _ in range(rated.LEAK_REPORTS.most):
        rated.LEAK_REPORTS.spend("127.0.0.1")

    assert ask("post", "/api/v1/keys/report-leak").status_code == 429
    assert ask("post", "/leaked-key/").status_code == 429
    assert ask("post", "/api/v1/keys/report-leak", **{"X-Forwarded-For": "203.0.113.7"}).status_code == 429
    with override_settings(TRUSTED_PROXIES=["127.0.0.1"]):
        assert ask("post", "/api/v1/keys/report-leak", **{"X-Forwarded-For": "203.0.113.7"}).status_code == 404


def test_githubs_endpoint_has_one(now: datetime) -> None:
    for _ in range(rated.GITHUB.most):
        rated.GITHUB.spend("127.0.0.1")

    assert ask("post", "/api/v1/github/secret-scanning").status_code == 429


@override_settings(TRUSTED_PROXIES=["127.0.0.1"])
def test_the_addresses_of_one_ipv6_network_count_as_one(few: None, now: datetime) -> None:
    def status(address: str) -> int:
        answer: int = ask("post", "/api/v1/keys/verify", **{"X-Forwarded-For": address}).status_code
        return answer

    assert [status(f"2001:db8:1:2::{number}") for number in (1, 2, 3)] == [200, 200, 429]
    assert status("2001:db8:1:3::1") == 200


class TestGateways:
    def test_a_gateway_is_counted_by_its_own_key(
        self, few: None, ops: Program, acme: Organization, now: datetime
    ) -> None:
        for _ in range(2):
            ask("post", "/api/v1/keys/verify")
        assert ask("post", "/api/v1/keys/verify").status_code == 429

        second = program_of(acme, now=now)
        publish_keys()
        statuses = [
            ask("post", "/api/v1/keys/verify", **{"X-Tollway-Gateway-Key": program.issued.text}).status_code
            for program in (ops, ops, ops, second)
        ]

        assert statuses == [200, 200, 429, 200]

    def test_thousands_a_second_are_few(self) -> None:
        assert rated.GATEWAYS.most >= 5_000 * 60

    def test_its_use_is_noted(self, ops: Program, redis: "redis_client.Redis") -> None:
        publish_keys()

        ask("post", "/api/v1/keys/verify", **{"X-Tollway-Gateway-Key": ops.issued.text})

        assert redis.hexists(KEYS_USED, str(ops.key.pk))

    @pytest.mark.parametrize("path", ["/api/v1/keys/verify", "/api/v1/keys/authorize"])
    def test_a_key_that_is_no_admin_key_opens_nothing(self, acme: Organization, now: datetime, path: str) -> None:
        text = make_key(acme, now=now).text
        publish_keys()

        answer = ask("post", path, **{"X-Tollway-Gateway-Key": text})

        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_api_key")

    def test_a_revoked_one_neither(self, ops: Program) -> None:
        ApiKey.objects.update(status="revoked", revoked_at=ops.key.created_at)
        publish_keys()

        answer = ask("post", "/api/v1/keys/verify", **{"X-Tollway-Gateway-Key": ops.issued.text})

        assert answer.json()["code"] == "revoked_api_key"


class TestManagement:
    def test_each_admin_key_has_its_own_minute(
        self, few: None, ops: Program, acme: Organization, now: datetime
    ) -> None:
        other = program_of(acme, now=now)

        answers = [ops.send("get", "/keys") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].headers["Content-Type"] == "application/problem+json"
        assert answers[2].headers["Retry-After"] == "60"
        assert other.send("get", "/keys").status_code == 200


def test_a_process_takes_a_thousandth_at_a_time(now: datetime) -> None:
    rate = Rate("large", 5_000)

    for _ in range(5_000):
        rate.spend("caller")

    with pytest.raises(TooManyRequests):
        rate.spend("caller")


@pytest.mark.usefixtures("redis_is_away")
def test_without_redis_a_leaked_key_is_stopped_all_the_same(acme: Organization, now: datetime) -> None:
    issued = make_key(acme, now=now)

    answer = Client().post("/api/v1/keys/report-leak", {"key": issued.text}, content_type="application/json")

    assert answer.status_code == 200
