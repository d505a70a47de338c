"""Attempts of one request, at one gateway and at two: one generation, one charge, the same answer."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx2
import pytest
import redis as redis_client

from core.wire import RateLimits
from gateway.retries.claims import joins_at
from tests.gateway.books import Books
from tests.gateway.published import Account, Publisher, new_account
from tests.gateway.retries import slow_upstream
from tests.gateway.retries.conftest import BODIES, Caller
from tests.gateway.serving import wait_until

STREAMED: list[dict[str, Any]] = [{}, {"stream": True}]
SAME, OTHER = (0, 0), (0, 1)


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("fields", STREAMED, ids=["whole", "stream"])
@pytest.mark.parametrize("gateways", [SAME, OTHER], ids=["same", "other"])
def test_who_timed_out_joins_what_is_running(
    pair: tuple[str, str],
    caller: Caller,
    books: Books,
    generated: list[str],
    redis: redis_client.Redis,
    path: str,
    fields: Any,
    gateways: Any,
) -> None:
    first, then = (pair[place] for place in gateways)
    caller.gives_up(first, path, **fields)

    joined = caller.post(then, path, attempt=1, **fields)

    assert (joined.status_code, joined.headers["idempotent-replayed"]) == (200, "true")
    assert "Answer" in joined.text
    (event,) = books.events(caller.account.id)
    assert redis.get(joins_at(caller.account.organization.id, event["id"])) == "1", "for the receipt"
    assert generated == ["slow"]
    assert joined.headers["x-request-id"] == joined.headers["request-id"] == f"req_{event['id'].hex}"
    assert (event["outcome"], event["output"]) == ("completed", 2)


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("fields", STREAMED, ids=["whole", "stream"])
@pytest.mark.parametrize("gateways", [SAME, OTHER], ids=["same", "other"])
def test_an_answer_is_replayed_as_it_was(
    pair: tuple[str, str], caller: Caller, books: Books, generated: list[str], path: str, fields: Any, gateways: Any
) -> None:
    first, then = (pair[place] for place in gateways)
    answer = caller.post(first, path, model="quick", **fields)

    replayed = caller.post(then, path, model="quick", attempt=1, **fields)

    assert replayed.content == answer.content
    assert "idempotent-replayed" not in answer.headers
    same = ("x-request-id", "content-type", "x-request-cost", "content-length", "transfer-encoding")
    assert [replayed.headers.get(name) for name in same] == [answer.headers.get(name) for name in same]
    assert (len(generated), len(books.events(caller.account.id))) == (1, 1)


@pytest.mark.parametrize("gateways", [SAME, OTHER], ids=["same", "other"])
def test_one_idempotency_key_is_one_generation(
    pair: tuple[str, str], caller: Caller, books: Books, generated: list[str], gateways: Any
) -> None:
    """Without any count of attempts, and while the first is running."""
    urls = [pair[place] for place in gateways] * 4

    with ThreadPoolExecutor(len(urls)) as pool:
        answers = list(pool.map(lambda url: caller.post(url, attempt=None, key="order-1"), urls))

    assert {answer.status_code for answer in answers} == {200}
    assert (
        len({answer.content for answer in answers}) == len({answer.headers["x-request-id"] for answer in answers}) == 1
    )
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == len(answers) - 1
    assert (len(generated), len(books.events(caller.account.id))) == (1, 1)


def test_one_key_with_two_bodies_is_refused_by_name(pair: tuple[str, str], caller: Caller, books: Books) -> None:
    first = caller.post(pair[0], model="quick", key="order-2")

    other = caller.post(pair[1], model="quick", key="order-2", max_tokens=7)

    error = other.json()["error"]
    assert (other.status_code, error["code"], error["param"]) == (400, "idempotency_key_reused", "Idempotency-Key")
    assert first.headers["x-request-id"] in error["message"]
    assert other.headers["x-should-retry"] == "false"
    assert len(books.events(caller.account.id)) == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é"])
def test_a_key_that_cant_be_one_is_refused(pair: tuple[str, str], caller: Caller, key: str) -> None:
    headers = [(name.encode(), value.encode()) for name, value in caller.headers(0, None).items()]
    body = BODIES["/v1/chat/completions"]

    answer = httpx2.post(
        f"{pair[0]}/v1/chat/completions", json=body, headers=[*headers, (b"idempotency-key", key.encode())]
    )

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "Idempotency-Key")


def test_keys_belong_to_the_api_key(
    pair: tuple[str, str], caller: Caller, generated: list[str], published: Publisher, books: Books
) -> None:
    eve = published.account(new_account())
    books.fund(eve.id, micros=5_000_000)

    caller.post(pair[0], model="quick", key="shared")
    answer = Caller(eve).post(pair[0], model="quick", key="shared")

    assert "idempotent-replayed" not in answer.headers
    assert len(generated) == 2


@pytest.mark.parametrize("fields", STREAMED, ids=["whole", "stream"])
def test_without_a_retry_the_generation_ends_after_the_grace(
    pair: tuple[str, str], caller: Caller, books: Books, generated: list[str], fields: Any
) -> None:
    caller.gives_up(pair[0], model="endless", **fields)

    wait_until(lambda: slow_upstream.CANCELLED == ["endless"])
    wait_until(lambda: len(books.events(caller.account.id)) == 1)
    assert books.events(caller.account.id)[0]["outcome"] == "aborted"


def test_who_counts_no_attempts_is_cancelled_at_once(pair: tuple[str, str], caller: Caller, books: Books) -> None:
    caller.gives_up(pair[0], model="endless", attempt=None)

    wait_until(lambda: slow_upstream.CANCELLED == ["endless"], seconds=1.0)


def test_a_retry_after_the_end_is_a_new_request(
    pair: tuple[str, str], caller: Caller, books: Books, generated: list[str]
) -> None:
    """The first was charged as aborted, and has no answer to repeat."""
    caller.gives_up(pair[0], model="slow", attempt=0, after=0.2, seed=1)
    caller.gives_up(pair[0], model="endless", attempt=0, after=0.2)
    wait_until(lambda: slow_upstream.CANCELLED == ["endless"])
    wait_until(lambda: len(books.events(caller.account.id)) == 2)

    caller.gives_up(pair[1], model="endless", attempt=1, after=0.6)

    assert generated == ["slow", "endless", "endless"]


def test_an_answer_too_large_to_keep_names_the_receipt(pair: tuple[str, str], caller: Caller, books: Books) -> None:
    first = caller.post(pair[0], model="large", key="order-3")

    refused = caller.post(pair[1], model="large", key="order-3")

    error = refused.json()["error"]
    assert (first.status_code, refused.status_code, error["code"]) == (200, 409, "answer_not_kept")
    assert f"/v1/requests/{first.headers['x-request-id']}/receipt" in error["message"]
    assert refused.headers["x-should-retry"] == "false"
    assert len(books.events(caller.account.id)) == 1


@pytest.mark.parametrize("key", [None, "order-4"])
def test_a_failure_is_not_replayed(
    pair: tuple[str, str], caller: Caller, books: Books, generated: list[str], key: str | None
) -> None:
    failed = caller.post(pair[0], model="fails", key=key)

    answer = caller.post(pair[1], model="fails", attempt=1, key=key)

    assert (failed.status_code, answer.status_code) == (502, 200)
    assert len(generated) == 2
    assert len(books.events(caller.account.id)) == 1


def test_the_same_question_in_parallel_has_an_answer_for_each(
    pair: tuple[str, str], caller: Caller, books: Books, generated: list[str]
) -> None:
    """A first attempt is never joined to another, and each client's retry gets its own back."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: caller.gives_up(pair[number % 2]), range(4)))
        answers = list(pool.map(lambda number: caller.post(pair[number % 2], attempt=1), range(4)))

    assert len(generated) == 4
    assert len({answer.headers["x-request-id"] for answer in answers}) == 4
    assert len(books.events(caller.account.id)) == 4


def test_the_retry_of_a_refusal_takes_nobody_elses_answer(
    pair: tuple[str, str], caller: Caller, ada: Account, published: Publisher, generated: list[str]
) -> None:
    limited = replace(ada.organization, version=2, limits=RateLimits(concurrent_requests=1))
    published.account(replace(ada, organization=limited), micros=None)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(lambda: caller.post(pair[0]))
        wait_until(lambda: generated == ["slow"])
        refused = caller.post(pair[1])
        answer = running.result()

    retried = caller.post(pair[1], attempt=1)

    assert (refused.status_code, retried.status_code) == (429, 200)
    assert "idempotent-replayed" not in retried.headers
    assert retried.content != answer.content
