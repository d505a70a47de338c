"""The way past Django's handler answers as the way through it does."""

import json
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pytest
import redis as redis_client
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from portal import short_path
from portal.short_path import with_short_paths
from tests.gateway.published import SPARK, Account, Publisher, new_account

ASKED = [
    ("POST", "/api/v1/keys/verify", {"scope": "inference"}),
    ("POST", "/api/v1/keys/verify", {"colour": "red"}),
    ("GET", "/api/v1/keys/verify", {}),
    ("GET", "/api/v1/keys/authorize", {}),
]


@pytest.fixture
def account(redis: "redis_client.Redis") -> Account:
    publisher = Publisher(redis)
    publisher.everything(SPARK)
    return publisher.account(new_account())


def ask(application: Any, method: str, path: str, body: bytes, **headers: str) -> tuple[str, dict[str, str], bytes]:
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        **headers,
    }
    answered: list[Any] = []
    parts: Iterable[bytes] = application(environ, lambda *head: answered.append(head))
    status, fields = answered[0]
    return status, dict(fields), b"".join(parts)


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path", "asked"), ASKED)
def test_both_ways_answer_alike(account: Account, method: str, path: str, asked: dict[str, str]) -> None:
    body = json.dumps({"key": account.token.text} | asked).encode() if method == "POST" else b""
    headers = {"HTTP_AUTHORIZATION": f"Bearer {account.token.text}"}

    long = ask(WSGIHandler(), method, path, body, **headers)
    short = ask(with_short_paths(WSGIHandler()), method, path, body, **headers)

    assert (short[0], short[2]) == (long[0], long[2])
    assert short[1].items() <= long[1].items()


@pytest.mark.django_db
def test_other_paths_go_the_long_way() -> None:
    status, headers, _ = ask(with_short_paths(WSGIHandler()), "GET", "/healthz", b"")

    assert status.startswith(("200", "404"))
    assert "Content-Security-Policy" in headers or "X-Frame-Options" in headers


@override_settings(DEBUG_PROPAGATE_EXCEPTIONS=False)
def test_what_goes_wrong_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_request: object) -> None:
        raise RuntimeError

    answering = short_path._answering(breaks)  # type: ignore[arg-type]
    monkeypatch.setattr(short_path, "VIEWS", {"/api/v1/keys/verify": answering})

    status, _, _ = ask(with_short_paths(WSGIHandler()), "POST", "/api/v1/keys/verify", b"{}")

    assert status.startswith("500")
