"""GET /v1/me: what a key is told about itself, and that asking changes nothing."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import anthropic
import httpx2
import openai
import pytest
import redis as redis_client

from core.budget import Node, Window
from core.budget_wire import BudgetFacts
from core.ids import uuid7
from core.tokens import Environment, keyed_hash, new_token
from core.wire import RateLimits
from gateway.scripts import KEEP, keys_of
from tests.gateway.books import Books
from tests.gateway.conftest import Sdk
from tests.gateway.published import EMBED, PEPPER, SPARK, Account, Publisher, new_account

LIMITS = RateLimits(60, 6_000, None, 4)
UNLIMITED = {
    "requests_per_minute": {"limit": None, "remaining": None, "reset": None},
    "input_tokens_per_minute": {"limit": None, "remaining": None, "reset": None},
    "output_tokens_per_minute": {"limit": None, "remaining": None, "reset": None},
    "concurrent_requests": {"limit": None, "remaining": None, "reset": None},
    "requests_per_day": {"limit": None, "remaining": None, "resets_at": None},
}
PROMPT: Any = [{"role": "user", "content": "Roads"}]


def ask(url: str, account: Account, **headers: str) -> httpx2.Response:
    return httpx2.get(f"{url}/v1/me", headers={"authorization": f"Bearer {account.token.text}"} | headers, timeout=10)


def with_key(published: Publisher, **key: object) -> Account:
    account = new_account()
    return published.account(replace(account, key=replace(account.key, **key)))  # type: ignore[arg-type]


def state(redis: redis_client.Redis, account: Account) -> list[object]:
    """Every byte that belongs to the organization."""
    return [(key, redis.dump(key)) for key in sorted(redis.scan_iter(f"{{{account.id}}}:*"))]


def test_a_fresh_key_is_told_who_it_is_and_what_is_left(gateway: str, published: Publisher) -> None:
    ada = published.account(new_account(limits=LIMITS), micros=5_000_001)

    answer = ask(gateway, ada)

    assert answer.status_code == 200
    assert answer.headers["x-request-id"].startswith("req_")
    body = answer.json()
    assert set(body.pop("models")) >= {"muse-spark", "muse-embed"}
    assert body == {
        "organization": {"id": str(ada.id), "name": "Ada's", "plan": "demo"},
        "project": {"id": ada.key.project},
        "key": {
            "id": ada.key.id,
            "name": "test",
            "prefix": f"tw_live_{ada.key.key_id}",
            "scopes": [],
            "models": [],
            "expires_at": None,
            "limits": UNLIMITED,
        },
        "balance": {"available": "5.000001", "held": "0.000000", "currency": "USD"},
        "limits": {
            "requests_per_minute": {"limit": 60, "remaining": 60, "reset": 0.0},
            "input_tokens_per_minute": {"limit": 6_000, "remaining": 6_000, "reset": 0.0},
            "output_tokens_per_minute": {"limit": None, "remaining": None, "reset": None},
            "concurrent_requests": {"limit": 4, "remaining": 4, "reset": None},
            "requests_per_day": {"limit": None, "remaining": None, "resets_at": None},
        },
        "budgets": [],
    }
    assert ada.token.secret not in answer.text


def test_asking_reserves_nothing(gateway: str, redis: redis_client.Redis, published: Publisher) -> None:
    ada = published.account(new_account(limits=RateLimits(1, 1, 1, 1)))
    before = state(redis, ada)

    answers = [ask(gateway, ada) for _ in range(5)]

    assert [answer.json()["limits"]["requests_per_minute"]["remaining"] for answer in answers] == [1] * 5
    assert state(redis, ada) == before


def test_a_call_uses_its_rates_and_gives_its_hold_back(
    gateway: str, published: Publisher, books: Books, sdk_for: Callable[[str], Sdk]
) -> None:
    ada = published.account(new_account(limits=RateLimits(6, None, None, 4)))
    books.fund(ada.id, micros=5_000_000)

    sdk_for(ada.token.text).client.chat.completions.create(model="muse-spark", messages=PROMPT, max_tokens=5)
    body = ask(gateway, ada).json()

    (event,) = books.events(ada.id)
    requests = body["limits"]["requests_per_minute"]
    assert requests["remaining"] == 5
    assert 0 < requests["reset"] <= 10
    assert body["limits"]["concurrent_requests"]["remaining"] == 4
    assert body["balance"]["held"] == "0.000000"
    assert body["balance"]["available"] == f"{(5_000_000 * 10**6 - event['amount']) // 10**6 / 1e6:.6f}"


def test_holds_are_counted_while_they_live(gateway: str, redis: redis_client.Redis, published: Publisher) -> None:
    ada = published.account(new_account(limits=LIMITS))
    for id_, micros, ttl in [(str(uuid7()), 700, 60_000), (f"kept:{uuid7()}", 30, 60_000), (str(uuid7()), 9, 1)]:
        redis.eval(KEEP.text, 7, *keys_of(ada.id), id_, str(micros), str(ttl), "", "")
    time.sleep(0.01)
    before = state(redis, ada)

    body = ask(gateway, ada).json()

    assert body["balance"] == {"available": "5.000000", "held": "0.000730", "currency": "USD"}
    assert body["limits"]["concurrent_requests"]["remaining"] == 3
    assert state(redis, ada) == before


def test_a_key_sees_its_own_limits_and_each_budget_above_it(gateway: str, published: Publisher, books: Books) -> None:
    ada = with_key(published, limits=RateLimits(requests_per_day=10), member=str(uuid7()))
    nodes = (
        (Node.ORGANIZATION, ada.organization.id),
        (Node.PROJECT, ada.key.project),
        (Node.KEY, ada.key.id),
        (Node.MEMBER, ada.key.member),
    )
    lifetime = [BudgetFacts(uuid7(), node, UUID(id_), Window.LIFETIME, 9 * 10**12, spent=10**12) for node, id_ in nodes]
    daily = replace(lifetime[2], id=uuid7(), window=Window.DAY)
    others = replace(daily, id=uuid7(), node_id=uuid7())
    published.budgets(ada, *lifetime, daily, others, version=1)

    body = ask(gateway, ada).json()

    assert body["key"]["limits"]["requests_per_day"]["remaining"] == 10
    assert body["key"]["limits"]["requests_per_day"]["resets_at"].endswith("T00:00:00Z")
    assert [(each["node"], each["node_id"], each["window"]) for each in body["budgets"]] == [
        *((node.value, id_, "lifetime") for node, id_ in nodes[:3]),
        ("key", ada.key.id, "day"),
        ("member", ada.key.member, "lifetime"),
    ]
    assert body["budgets"][0] == {
        "id": str(lifetime[0].id),
        "node": "organization",
        "node_id": ada.organization.id,
        "window": "lifetime",
        "limit": "9.000000",
        "used": "1.000000",
        "reserved": "0.000000",
        "remaining": "8.000000",
        "resets_at": None,
        "currency": "USD",
    }
    assert (body["budgets"][3]["used"], body["budgets"][3]["resets_at"][-10:]) == ("0.000000", "T00:00:00Z")


@pytest.mark.parametrize("scopes", [("models",), ("inference",), ("models", "inference"), ()])
def test_every_ordinary_key_may_ask(gateway: str, published: Publisher, scopes: tuple[str, ...]) -> None:
    ada = with_key(published, scopes=scopes, expires_at=4_102_444_800.0)

    key = ask(gateway, ada).json()["key"]

    assert (key["scopes"], key["expires_at"]) == (list(scopes), "2100-01-01T00:00:00+00:00")


def test_models_are_those_that_this_key_may_call(gateway: str, published: Publisher) -> None:
    published.model(replace(EMBED, slug="closed-one", status="closed"))
    published.model(replace(SPARK, slug="others-only", is_public=False))
    ada = with_key(published, models=("muse-embed", "closed-one", "others-only"))

    body = ask(gateway, ada).json()

    assert body["models"] == ["muse-embed"]
    assert body["key"]["models"] == ["muse-embed", "closed-one", "others-only"]


def test_an_admin_key_is_refused(gateway: str, published: Publisher) -> None:
    account, token = new_account(), new_token("tw", Environment.ADMIN)
    key = replace(account.key, kind="admin", key_id=token.key_id, hash=keyed_hash(token, PEPPER))
    admin = published.account(replace(account, key=key, token=token))

    answer = ask(gateway, admin)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "admin_key_calls_no_model")


def test_without_a_wallet_it_is_a_matter_of_a_second(gateway: str, published: Publisher) -> None:
    ada = published.account(new_account(), micros=None)

    answer = ask(gateway, ada)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_both_header_styles_get_their_own_errors(gateway: str, ada: Account) -> None:
    version = {"anthropic-version": "2023-06-01"}
    answer = httpx2.get(f"{gateway}/v1/me", headers={"x-api-key": ada.token.text} | version)
    refused = httpx2.get(f"{gateway}/v1/me", headers=version)
    elsewhere = httpx2.get(f"{gateway}/v1/me")
    wrong = httpx2.post(f"{gateway}/v1/me", headers={"authorization": f"Bearer {ada.token.text}"})

    assert answer.json()["organization"]["id"] == str(ada.id)
    assert (refused.status_code, refused.json()["type"]) == (401, "error")
    assert elsewhere.json()["error"]["code"] == "missing_api_key"
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")


def test_the_sdks_can_ask(gateway: str, sdk: openai.OpenAI, ada: Account) -> None:
    body: Any = sdk.get("/me", cast_to=object)
    with anthropic.Anthropic(api_key=ada.token.text, base_url=gateway) as client:
        same: Any = client.get("/v1/me", cast_to=object)

    assert body == same
    assert body["key"]["id"] == ada.key.id
