"""Requests are told apart by the end customer that they name, in each way in which an SDK can name one."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
import redis as redis_client

from core import wire
from core.ids import NIL, uuid7
from core.wire import EndCustomerFacts
from tests.gateway.books import Books
from tests.gateway.published import Account, Publisher, new_account

PROMPT: Any = [{"role": "user", "content": "Tell me about bridges"}]
CHAT, MESSAGES, RESPONSES, EMBEDDINGS = "/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/embeddings"
BODIES: dict[str, dict[str, Any]] = {
    CHAT: {"model": "muse-spark", "messages": PROMPT, "max_tokens": 5},
    MESSAGES: {"model": "muse-spark", "messages": PROMPT, "max_tokens": 5},
    RESPONSES: {"model": "muse-spark", "input": "Tell me about bridges", "max_output_tokens": 5},
    EMBEDDINGS: {"model": "muse-embed", "input": "bridges"},
}
BOLT = EndCustomerFacts(version=1, id=str(uuid7()), name="Bolt", status="active")


@pytest.fixture
def seller(published: Publisher, books: Books, redis: redis_client.Redis) -> Account:
    """An account that has two end customers: one active, one suspended."""
    account = new_account()
    account = replace(account, organization=replace(account.organization, has_end_customers=True))
    published.account(account)
    books.fund(account.id, micros=5_000_000)
    for external_id, facts in (("bolt", BOLT), ("crook", replace(BOLT, id=str(uuid7()), status="suspended"))):
        redis.set(wire.end_customer_facts_at(account.id, external_id), wire.encode(facts))
    return account


@pytest.fixture
def http(gateway: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=gateway, timeout=20) as client:
        yield client


def ask(http: httpx2.Client, seller: Account, path: str, headers: dict[str, str], **named: Any) -> httpx2.Response:
    sent = {"authorization": f"Bearer {seller.token.text}", "anthropic-version": "2023-06-01"} | headers
    return http.post(path, headers=sent, json=BODIES[path] | named)


@pytest.mark.parametrize(
    ("path", "headers", "named"),
    [
        (CHAT, {"x-end-customer": "bolt"}, {"user": "another"}),
        (CHAT, {}, {"safety_identifier": "bolt", "user": "another"}),
        (CHAT, {}, {"user": "bolt"}),
        (RESPONSES, {}, {"safety_identifier": "bolt"}),
        (EMBEDDINGS, {}, {"user": "bolt"}),
        (MESSAGES, {}, {"metadata": {"user_id": "bolt"}}),
        (MESSAGES, {"anthropic-user-profile-id": "bolt"}, {}),
    ],
)
def test_a_registered_end_customer_is_on_the_event(
    http: httpx2.Client, seller: Account, books: Books, path: str, headers: dict[str, str], named: dict[str, Any]
) -> None:
    answer = ask(http, seller, path, headers, **named)

    assert answer.status_code == 200, answer.text
    assert [str(event["end_customer_id"]) for event in books.events(seller.id)] == [BOLT.id]


@pytest.mark.parametrize("name", ["nobody", "", "x" * 201, "a}b{c"])
def test_an_unknown_end_customer_is_served_unattributed(
    http: httpx2.Client, seller: Account, books: Books, name: str
) -> None:
    answer = ask(http, seller, CHAT, {}, user=name)

    assert answer.status_code == 200
    assert [event["end_customer_id"] for event in books.events(seller.id)] == [NIL]


def test_a_suspended_end_customer_is_refused_and_its_siblings_are_not(
    http: httpx2.Client, seller: Account, books: Books
) -> None:
    refused = ask(http, seller, CHAT, {"x-end-customer": "crook"})
    sibling = ask(http, seller, CHAT, {"x-end-customer": "bolt"})

    assert (refused.status_code, sibling.status_code) == (403, 200)
    assert refused.json()["error"]["code"] == "end_customer_suspended"
    assert refused.headers["x-should-retry"] == "false"
    assert len(books.events(seller.id)) == 1


def test_the_member_who_made_the_key_is_on_the_event(http: httpx2.Client, published: Publisher, books: Books) -> None:
    account = new_account()
    account = published.account(replace(account, key=replace(account.key, member=str(uuid7()))))
    books.fund(account.id, micros=5_000_000)

    ask(http, account, CHAT, {})

    assert [str(event["member_id"]) for event in books.events(account.id)] == [account.key.member]
