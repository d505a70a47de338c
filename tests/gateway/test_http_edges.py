"""Whatever is sent, the answer is JSON in OpenAI's shape, with a request id."""

import base64
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx2
import pytest

from gateway import log
from tests.gateway.published import Account
from tests.gateway.serving import wait_until


@pytest.fixture
def send(gateway: str, ada: Account) -> Callable[..., httpx2.Response]:
    def send(method: str, path: str, content: bytes = b"", **headers: str) -> httpx2.Response:
        key = {"authorization": f"Bearer {ada.token.text}"}
        return httpx2.request(method, f"{gateway}{path}", content=content, headers=key | headers, timeout=10)

    return send


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "code"),
    [
        ("GET", "/", b"", 404, "not_found"),
        ("POST", "/v1/nothing", b"{}", 404, "not_found"),
        ("POST", "/v1/responses", b"{}", 400, "invalid_request"),
        ("GET", "/v1/responses", b"", 405, "method_not_allowed"),
        ("GET", "/v1/responses/resp_1", b"", 404, "not_offered"),
        ("GET", "/v1/chat/completions", b"", 405, "method_not_allowed"),
        ("POST", "/v1/models", b"{}", 405, "method_not_allowed"),
        ("GET", "/v1/models/no-such", b"", 404, "model_not_found"),
        ("POST", "/v1/chat/completions", b"", 400, "invalid_request"),
        ("POST", "/v1/chat/completions", b"{" * 5000, 400, "invalid_request"),
        ("POST", "/v1/chat/completions", b"\x00\xff\xfe", 400, "invalid_request"),
        ("POST", "/v1/embeddings", b'{"model":"muse-embed","input":7}', 400, "invalid_request"),
        ("POST", "/v1/embeddings", b'{"model":"","input":"x"}', 400, "invalid_request"),
    ],
)
def test_every_answer_is_json(
    send: Callable[..., httpx2.Response], method: str, path: str, content: bytes, status: int, code: str
) -> None:
    answer = send(method, path, content)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"].startswith("req_")
    assert set(answer.json()["error"]) == {"message", "type", "param", "code", "url"}
    assert answer.json()["error"]["code"] == code


def test_no_key_is_told_so(gateway: str) -> None:
    answer = httpx2.get(f"{gateway}/v1/models")

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "missing_api_key")


def test_a_body_over_the_limit_is_413(send: Callable[..., httpx2.Response]) -> None:
    answer = send("POST", "/v1/chat/completions", b" " * (16 * 1024 * 1024 + 1))

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")


def test_a_body_that_announces_too_much_is_not_waited_for(gateway: str, ada: Account) -> None:
    at = urlsplit(gateway)
    head = (
        f"POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nx-api-key: {ada.token.text}\r\nContent-Length: 99999999999\r\n\r\n"
    )
    with socket.create_connection((at.hostname or "", at.port or 0), timeout=10) as connection:
        connection.sendall(head.encode())

        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_in_many_pieces_is_one_body(gateway: str, ada: Account) -> None:
    pieces = (b'{"model":"muse-', b'embed","input":"', b"toll road", b'"}')

    answer = httpx2.post(f"{gateway}/v1/embeddings", content=iter(pieces), headers={"x-api-key": ada.token.text})

    assert answer.status_code == 200


def test_odd_credentials_break_nothing(gateway: str) -> None:
    at = urlsplit(gateway)
    for value in (b"Bearer", b"Bearer \xff\xfe", b"Basic " + base64.b64encode(b"a:b"), b"Bearer " + b"x" * 20_000):
        with socket.create_connection((at.hostname, at.port), timeout=5) as connection:
            connection.sendall(b"GET /v1/models HTTP/1.1\r\nhost: x\r\nauthorization: " + value + b"\r\n\r\n")
            assert connection.recv(65536).split(b"\r\n")[0] in {
                b"HTTP/1.1 401 Unauthorized",
                b"HTTP/1.1 400 Bad Request",
            }


def test_health_says_what_waits(gateway: str) -> None:
    health = httpx2.get(f"{gateway}/healthz").json()

    assert {name: health[name] for name in ("status", "in_flight", "journaled")} == {
        "status": "ok",
        "in_flight": 0,
        "journaled": 0,
    }


def test_no_key_is_ever_logged(
    send: Callable[..., httpx2.Response], ada: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    send("POST", "/v1/embeddings", b'{"model":"muse-embed","input":"x"}')
    send("GET", "/v1/models/no-such")

    logged = ""

    def is_logged() -> bool:
        nonlocal logged
        log.flush()
        logged += capsys.readouterr().out
        return ada.token.key_id in logged

    wait_until(is_logged)
    assert ada.token.secret not in logged
