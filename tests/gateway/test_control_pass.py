"""What the gateway passes on to the control plane, and how it refuses by itself."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest

from core.signed import Purpose, read_signed
from core.verdict import VERDICT_TYPE
from gateway.server import configured
from gateway.settings import Settings
from tests.gateway.conftest import PORTAL, SIGNING_KEY
from tests.gateway.published import Account
from tests.gateway.serving import served

VERSION = {"anthropic-version": "2023-06-01"}
Answered = tuple[int, str, bytes]


class Control:
    """A control plane that notes what reaches it."""

    def __init__(self) -> None:
        self.answer: Answered = (200, "application/json", b"{}")
        self.is_cut = False
        self.calls: list[tuple[str, str, dict[str, str], bytes]] = []

    @contextmanager
    def served(self) -> Iterator[str]:
        control = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                control.calls.append((self.command, self.path, headers, body))
                status, kind, answered = control.answer
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(answered) * (2 if control.is_cut else 1)))
                self.end_headers()
                self.wfile.write(answered)

            do_GET = do_POST = do_DELETE = handle_one  # noqa: N815 - the library's names

            def log_message(self, *_: Any) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        server.server_close()


@pytest.fixture
def control() -> Control:
    return Control()


@pytest.fixture
def call(gateway_settings: Settings, control: Control, ada: Account) -> Iterator[Callable[..., httpx2.Response]]:
    with control.served() as url, served(configured(replace(gateway_settings, port=0, control_url=url))) as gateway:

        def made(method: str, path: str, *, key: str = ada.token.text, **options: Any) -> httpx2.Response:
            headers = {"authorization": f"Bearer {key}"} | options.pop("headers", {})
            return httpx2.request(method, f"{gateway}{path}", headers=headers, timeout=20, **options)

        yield made


def test_a_call_is_passed_on_with_its_signed_origin(call: Any, control: Control, ada: Account) -> None:
    control.answer = (200, "application/octet-stream", b"x" * 300_000)

    answer = call("GET", "/v1/files/file-1/content?a=b", headers={"cookie": "sessionid=1", "x-passed-call": "forged"})

    ((method, path, headers, body),) = control.calls
    assert (method, path, body) == ("GET", "/v1/files/file-1/content?a=b", b"")
    assert headers["authorization"] == f"Bearer {ada.token.text}"
    assert headers["host"] == PORTAL.removeprefix("http://")
    assert "cookie" not in headers
    words = read_signed(headers["x-passed-call"], Purpose.PASSED_CALL, key=SIGNING_KEY, at=0)
    assert words == ["127.0.0.1", answer.headers["x-request-id"]]
    assert (answer.status_code, answer.content) == (200, b"x" * 300_000)
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_body_is_passed_on_as_it_is(call: Any, control: Control) -> None:
    body = bytes(range(256)) * 4_000

    call("POST", "/v1/batches", content=body, headers={"content-type": "application/json"})

    assert control.calls[0][3] == body
    assert control.calls[0][2]["content-type"] == "application/json"


@pytest.mark.parametrize(("path", "headers"), [("/v1/files/1", {}), ("/v1/messages/batches/1", VERSION)])
def test_a_verdict_is_told_in_the_callers_dialect(
    path: str, headers: dict[str, str], call: Any, control: Control
) -> None:
    told = b'{"code":"not_found","message":"No such thing.","param":"file_id","retry_after":null}'
    control.answer = (400, VERDICT_TYPE, told)

    answer = call("GET", path, headers=headers)

    shown = answer.json()["error"]
    assert answer.status_code == 404
    code = shown.get("code") or shown["details"]["error_code"]
    assert (code, shown["message"], shown["param"]) == ("not_found", "No such thing.", "file_id")
    assert answer.headers["x-should-retry"] == "false"
    assert answer.headers["x-request-id"] == answer.headers["request-id"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/files/..%2F..%2Fapi%2Fv1%2Fkeys", "/v1/files/%2e%2e/%2e%2e/healthz", "/v1/batches/a/b/c",
        "/v1/files/a/cancel", "/v1/files/a%2Fcontent/x", "/v1/files/a;b", "/v1/messages/batches/..%5C..", "/v1/files/é",
    ],
)  # fmt: skip
def test_nothing_else_of_the_control_plane_is_reached(path: str, call: Any, control: Control) -> None:
    answer = call("GET", path)

    assert control.calls == []
    assert answer.status_code == 404
    assert "There is nothing at" in answer.json()["error"]["message"]


def test_dots_that_no_client_library_would_leave_reach_nothing(call: Any, control: Control, ada: Account) -> None:
    url = call("GET", "/v1/files").url
    control.calls.clear()

    with socket.create_connection((url.host, url.port), timeout=20) as connection:
        lines = ("GET /v1/files/../../healthz HTTP/1.1", "host: x", f"x-api-key: {ada.token.text}", "connection: close")
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = connection.recv(65_536)

    assert control.calls == []
    assert head.startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_a_control_plane_that_fails_is_503_in_json(call: Any, control: Control, status: int) -> None:
    control.answer = (status, "text/html", b"<html>")

    answer = call("GET", "/v1/files")

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "service_unavailable")
    assert int(answer.headers["retry-after"]) <= 60


def test_one_that_is_away_is_503(gateway_settings: Settings, ada: Account) -> None:
    settings = replace(gateway_settings, port=0, control_url="http://127.0.0.1:9")
    with served(configured(settings)) as url:
        answer = httpx2.get(f"{url}/v1/files", headers={"authorization": f"Bearer {ada.token.text}"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "service_unavailable")


def test_an_answer_that_is_cut_is_not_passed_as_whole(call: Any, control: Control) -> None:
    control.answer, control.is_cut = (200, "application/octet-stream", b"half"), True

    with pytest.raises(httpx2.TransportError):
        call("GET", "/v1/files/1/content")


def test_without_a_key_nothing_reaches_the_control_plane(call: Any, control: Control) -> None:
    answer = call("POST", "/v1/files", key="nonsense", content=b"x" * 1_000_000)

    assert (answer.status_code, control.calls) == (401, [])


def test_a_huge_body_is_refused_before_it_is_sent(gateway_settings: Settings, control: Control, ada: Account) -> None:
    with control.served() as url:
        settings = replace(gateway_settings, port=0, control_url=url, max_passed=1_000)
        with served(configured(settings)) as gateway:
            headers = {"authorization": f"Bearer {ada.token.text}"}
            answer = httpx2.post(f"{gateway}/v1/files", headers=headers, content=b"x" * 1_001)
            chunked = httpx2.post(f"{gateway}/v1/files", headers=headers, content=iter([b"x"]))

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")
    assert (chunked.status_code, chunked.json()["error"]["code"]) == (400, "invalid_request")
    assert control.calls == []


def test_without_a_signing_key_there_are_no_files(gateway_settings: Settings, ada: Account) -> None:
    with served(configured(replace(gateway_settings, port=0, batch_signing_key=b""))) as url:
        answer = httpx2.get(f"{url}/v1/files", headers={"authorization": f"Bearer {ada.token.text}"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/v1/filesystem", "/v1/batcheses", "/v1/messages/batchesx"])
def test_paths_that_only_begin_alike_are_nothing(path: str, call: Any, control: Control) -> None:
    assert call("GET", path, headers=VERSION).status_code == 404
    assert control.calls == []
