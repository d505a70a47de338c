"""Slow, huge, endless and broken requests: refused in JSON, in bounded time, while the others are served."""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

import pytest

from tests.gateway.books import Books
from tests.gateway.hostile.conftest import Raw, Served, head
from tests.gateway.published import Account
from tests.gateway.serving import GatewayProcess, wait_until

Watch = Callable[[], AbstractContextManager[Served]]
Connect = Callable[[], Raw]


def told(answer: bytes) -> tuple[int, dict[str, Any]]:
    """The status and the error; whatever comes is JSON with a request id."""
    top, _, body = answer.partition(b"\r\n\r\n")
    lines = top.lower().split(b"\r\n")
    assert b"content-type: application/json" in lines
    assert any(line.startswith(b"x-request-id: req_") for line in lines)
    return int(lines[0].split()[1]), json.loads(body)["error"]


def sent_until_cut(client: Raw, part: bytes) -> int:
    """Send without end; answer how many bytes went out before the gateway hung up."""
    sent = 0
    with suppress(OSError):
        while sent < 500_000_000:
            client.send(part)
            sent += len(part)
    return sent


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
        b"hello\r\n\r\n",
        b"GET /v1/models\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nbad name: 1\r\n\r\n",
        b"POST /v1/embeddings HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/embeddings HTTP/1.1\r\ncontent-length: 1, 2\r\n\r\n",
        b"POST /v1/embeddings HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /v1/\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
        b"CONNECT models.example:443 HTTP/1.1\r\nhost: models.example:443\r\n\r\n",
    ],
    ids=[
        *("TLS", "no HTTP", "no version", "a wrong version", "no colon", "a bad name", "a negative length"),
        *("two lengths", "length and chunks", "a path that is not text", "a tunnel"),
    ],
)
def test_malformed_http_is_told_so_in_json(raw: Connect, others_are_served: Watch, request_: bytes) -> None:
    client = raw()

    with others_are_served():
        client.send(request_)
        client.connection.shutdown(1) if request_.startswith(b"CONNECT") else None
        answer = client.everything()

    status, error = told(answer)
    assert status in {400, 401, 404, 405}
    assert error["code"] in {"invalid_request", "not_found", "method_not_allowed", "missing_api_key"}


def test_chunks_that_are_none(raw: Connect, customer: Account) -> None:
    client = raw()
    client.send(head(customer, "transfer-encoding: chunked") + b"zz\r\nhello\r\n")

    assert told(client.everything())[0] == 400


@pytest.mark.parametrize(
    "header", ["x: " + "y" * 9_000, "\r\n".join(["x: y"] * 101), "x" * 9_000 + ": y"], ids=["long", "many", "a name"]
)
def test_a_head_that_is_too_large(raw: Connect, others_are_served: Watch, customer: Account, header: str) -> None:
    client = raw()

    with others_are_served():
        client.send(head(customer, header, "content-length: 2") + b"{}")

        assert told(client.everything())[0] == 431


def test_a_head_without_end_is_bounded(raw: Connect, others_are_served: Watch) -> None:
    client = raw()

    with others_are_served():
        client.send(b"GET /v1/models HTTP/1.1\r\nx: ")
        sent = sent_until_cut(client, b"y" * 4_096)

    assert sent < 20_000_000


def test_slow_heads_are_given_up(raw: Connect, others_are_served: Watch) -> None:
    """Slowloris: a header every now and then, for ever."""
    clients = [raw() for _ in range(60)]

    with others_are_served():
        for client in clients:
            client.send(b"GET /v1/models HTTP/1.1\r\n")
        for _ in range(8):
            time.sleep(0.2)
            for client in clients:
                with suppress(OSError):  # It may have been given up already.
                    client.send(b"x-a: b\r\n")
        answers = [client.everything() for client in clients]

    assert {told(answer)[0] for answer in answers if answer} == {408}
    assert sum(bool(answer) for answer in answers) > 50


def test_slow_bodies_are_given_up(raw: Connect, others_are_served: Watch, customer: Account) -> None:
    clients = [raw() for _ in range(30)]

    with others_are_served():
        for client in clients:
            client.send(head(customer, "content-length: 5000") + b"{")
        answers = [client.answer() for client in clients]

    assert {told(answer)[0] for answer in answers} == {400}
    assert {told(answer)[1]["message"] for answer in answers} == {"The body did not arrive within 1.5 seconds."}


def test_a_body_without_end_is_refused_when_it_is_too_large(
    raw: Connect, others_are_served: Watch, customer: Account
) -> None:
    client = raw()
    client.send(head(customer, "transfer-encoding: chunked"))

    with others_are_served():
        sent = sent_until_cut(client, b"10000\r\n" + b" " * 0x10000 + b"\r\n")

    assert sent < 100_000_000


@pytest.mark.parametrize("header", ["content-length: 99999999", "transfer-encoding: chunked"])
def test_a_body_over_the_limit_is_413(raw: Connect, customer: Account, header: str) -> None:
    client = raw()
    client.send(head(customer, header))
    if "chunked" in header:
        client.send(b"40000\r\n" + b" " * 0x40000 + b"\r\n")

    status, error = told(client.answer())
    assert (status, error["code"]) == (413, "request_too_large")


def test_who_asks_before_sending_is_told_before_sending(raw: Connect, customer: Account) -> None:
    """Expect: 100-continue: a body that will be refused is never sent, and one that is wanted is asked for."""
    refused, wanted = raw(), raw()
    refused.send(head(customer, "content-length: 99999999", "expect: 100-continue"))
    body = b'{"model":"muse-embed","input":"x"}'
    wanted.send(head(customer, f"content-length: {len(body)}", "expect: 100-continue", path="/v1/embeddings"))

    assert told(refused.answer())[0] == 413
    assert wanted.connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
    wanted.send(body)
    assert wanted.answer().startswith(b"HTTP/1.1 200 OK")


def test_trailers_are_no_headers_and_are_bounded(raw: Connect, others_are_served: Watch, customer: Account) -> None:
    client = raw()
    body = b'{"model":"muse-embed","input":"x"}'
    client.send(head(customer, "transfer-encoding: chunked", path="/v1/embeddings"))

    with others_are_served():
        client.send(b"%x\r\n%s\r\n0\r\n" % (len(body), body) + b"x-a: b\r\n" * 200)

        assert told(client.everything())[0] == 431


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, chunked"])
def test_a_compressed_body_is_refused_plainly(raw: Connect, customer: Account, encoding: str) -> None:
    client = raw()
    client.send(head(customer, f"content-encoding: {encoding}", "content-length: 4") + b"\x1f\x8b\x08\x00")

    status, error = told(client.answer())
    assert (status, error["param"]) == (400, "content-encoding")
    assert "without compression" in error["message"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"", None),
        (b"{", None),
        (b"[]", None),
        (b'"text"', None),
        (b"\xff\xfe{}", None),
        (b'{"model":"muse-spark","messages":[{"role":"user","content":"\xff"}]}', None),
        (b'{"model":7,"messages":[]}', "model"),
        (b'{"model":"muse-spark","messages":"x"}', "messages"),
        (b'{"model":"muse-spark","messages":[{"role":"user","content":"x"}],"max_tokens":-1}', "max_tokens"),
        (b'{"model":"muse-spark","messages":' + b"[" * 50_000 + b"]" * 50_000 + b"}", None),
        (b'{"a":' * 20_000, None),
    ],
)
def test_a_body_that_says_nothing_right(raw: Connect, customer: Account, body: bytes, param: str | None) -> None:
    client = raw()
    client.send(head(customer, f"content-length: {len(body)}") + body)

    status, error = told(client.answer())
    assert (status, error["param"]) == (400, param)


def test_nothing_of_all_this_was_charged(
    bounded: GatewayProcess, raw: Connect, customer: Account, books: Books
) -> None:
    client = raw()
    client.send(head(customer, "content-length: 5000") + b"{")
    client.connection.close()

    wait_until(bounded.is_healthy)
    assert books.events(customer.id) == []
