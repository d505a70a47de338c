"""Both request ids on every answer, and nobody is told to wait for longer than a minute."""

from typing import Any

import httpx2
import pytest

from tests.gateway.published import Account

PROMPT: Any = [{"role": "user", "content": "Hi"}]
CHAT = {"model": "muse-spark", "messages": PROMPT, "max_tokens": 5}
LARGE = {"model": "muse-spark", "messages": [{"role": "user", "content": "x" * 16 * 1024 * 1024}]}


@pytest.mark.parametrize("version", [{}, {"anthropic-version": "2023-06-01"}], ids=["openai", "anthropic"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/chat/completions", CHAT),
        ("POST", "/v1/chat/completions", CHAT | {"stream": True}),
        ("POST", "/v1/messages", CHAT),
        ("POST", "/v1/messages", CHAT | {"stream": True}),
        ("POST", "/v1/messages/count_tokens", CHAT),
        ("POST", "/v1/responses", {"model": "muse-spark", "input": "Hi", "stream": True}),
        ("POST", "/v1/responses/input_tokens", {"model": "muse-spark", "input": "Hi"}),
        ("POST", "/v1/embeddings", {"model": "muse-embed", "input": "Hi"}),
        ("POST", "/v1/embeddings", {"model": "muse-spark", "input": "Hi"}),
        ("POST", "/v1/chat/completions", {"model": "no-such", "messages": PROMPT}),
        ("POST", "/v1/chat/completions", LARGE),
        ("POST", "/v1/chat/completions", None),
        ("GET", "/v1/models", None),
        ("GET", "/v1/models/no-such", None),
        ("GET", "/v1/me", None),
        ("GET", "/v1/requests/req_1/receipt", None),
        ("GET", "/v1/images/generations", None),
        ("DELETE", "/v1/chat/completions", None),
        ("PATCH", "/v1/nothing", None),
    ],
)
def test_ids_and_waits(
    gateway: str, ada: Account, method: str, path: str, body: dict[str, Any] | None, version: dict[str, str]
) -> None:
    key = {"authorization": f"Bearer {ada.token.text}"}

    answer = httpx2.request(method, f"{gateway}{path}", json=body, headers=key | version, timeout=20)

    ids = {answer.headers["x-request-id"], answer.headers["request-id"]}
    assert len(ids) == 1
    assert ids.pop().startswith("req_")
    assert int(answer.headers.get("retry-after", "0")) <= 60
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/json"
        assert ("retry-after" in answer.headers) is not ("x-should-retry" in answer.headers)
