"""Settlement belongs to the gateway, not to the client's connection: who hangs up is charged what was generated."""

import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlsplit

import httpx2

from core.money import PICOS_PER_MICRO
from tests.gateway.books import Books
from tests.gateway.published import PRICES, Account, Publisher, new_account
from tests.gateway.serving import wait_until

BODY = '{"model":"muse-spark","stream":true,"messages":[{"role":"user","content":"Roads in 400 words"}]}'


def connect(gateway: str, account: Account, body: str = BODY) -> socket.socket:
    """Send a request by hand, so that the connection can be cut at any byte."""
    at = urlsplit(gateway)
    connection = socket.create_connection((at.hostname, at.port), timeout=20)
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {account.token.text}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    connection.sendall((head + body).encode())
    return connection


def hang_up_after(gateway: str, account: Account, frames: int) -> None:
    with connect(gateway, account) as connection:
        received = b""
        while received.count(b"data: ") < frames:
            received += connection.recv(65536)


def test_fifty_who_hang_up_are_fifty_events(gateway: str, published: Publisher, books: Books) -> None:
    account = published.account(new_account())
    books.fund(account.id, micros=5_000_000)

    with ThreadPoolExecutor(25) as pool:
        list(pool.map(lambda number: hang_up_after(gateway, account, 2 + number % 7), range(50)))

    wait_until(lambda: len(books.events(account.id)) == 50)
    events = books.events(account.id)
    assert {event["outcome"] for event in events} == {"aborted"}
    assert all(event["is_estimated"] and event["output"] >= 1 for event in events)
    assert books.spent(account.id) == sum(event["amount"] for event in events)


def test_who_hangs_up_before_a_whole_answer_is_charged_the_prompt(gateway: str, ada: Account, books: Books) -> None:
    with connect(gateway, ada, BODY.replace("true", "false")):
        wait_until(lambda: httpx2.get(f"{gateway}/healthz").json()["in_flight"] == 1)

    wait_until(lambda: len(books.events(ada.id)) == 1)
    (event,) = books.events(ada.id)
    assert (event["outcome"], event["output"], event["is_estimated"]) == ("aborted", 0, True)
    assert event["input"] > 0


def test_who_hangs_up_before_the_body_is_whole_costs_nothing(gateway: str, ada: Account, books: Books) -> None:
    with connect(gateway, ada, "") as connection:
        connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 99\r\n\r\n{")

    assert books.events(ada.id) == []


def test_the_balance_is_never_overshot(gateway: str, published: Publisher, books: Books) -> None:
    """Fifty streams at once against five cents: what is captured is at most five cents."""
    account = published.account(new_account(), micros=50_000)
    books.fund(account.id, micros=50_000)

    def call(_: int) -> bytes:
        received = b""
        with connect(gateway, account, BODY.replace('"stream"', '"max_tokens":700,"stream"')) as connection:
            while b"[DONE]" not in received and b'"error"' not in received:
                received += connection.recv(65536)
        return received

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(call, range(50)))

    served = sum(b"[DONE]" in answer for answer in answers)
    refused = sum(b"credit_balance" in answer for answer in answers)
    assert served + refused == 50
    assert 0 < served == len(books.events(account.id))
    assert books.spent(account.id) <= 50_000 * PICOS_PER_MICRO


def test_concurrent_streams_reserve_before_they_spend(gateway: str, published: Publisher, books: Books) -> None:
    """With credit for one answer of this size, ten at once are one answer, and the others may try again."""
    most = (len(BODY) + 300) * PRICES["input"] + 700 * PRICES["output"]
    account = published.account(new_account(), micros=most // PICOS_PER_MICRO)
    books.fund(account.id, micros=most // PICOS_PER_MICRO)
    body = BODY.replace('"stream"', '"max_tokens":700,"stream"')

    with connect(gateway, account, body) as first:
        first.recv(65536)
        with connect(gateway, account, body) as second:
            refusal = second.recv(65536)

    assert b"429" in refusal.split(b"\r\n")[0]
    assert b"credit_balance_reserved" in refusal
    assert b"retry-after: 1\r\n" in refusal


def test_a_hold_is_gone_once_the_answer_is(gateway: str, ada: Account, published: Publisher, books: Books) -> None:
    """The next request of the same caller never meets the hold of the last one."""
    one_at_a_time = replace(ada.organization, version=2, limits=replace(ada.organization.limits, concurrent_requests=1))
    published.account(replace(ada, organization=one_at_a_time), micros=None)

    for _ in range(20):
        with connect(gateway, ada, BODY.replace('"stream":true', '"max_tokens":1')) as connection:
            assert b"200 OK" in connection.recv(65536)

    assert len(books.events(ada.id)) == 20
