"""What the SDKs know and isn't offered is refused in the surface's shape, with the list of what is."""

import httpx2
import pytest

from core.verdict import Refusal
from gateway import offered
from tests.gateway.published import Account


@pytest.mark.parametrize(
    "path",
    [
        "/v1/completions", "/v1/images/generations", "/v1/audio/speech", "/v1/moderations", "/v1/fine_tuning/jobs",
        "/v1/vector_stores", "/v1/responses/compact", "/v1/complete", "/v1/skills", "/v1/oauth/token", "/v1/agents/a/b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("version", [None, "2023-06-01"])
def test_it_is_named_once_and_for_all(gateway: str, ada: Account, path: str, method: str, version: str | None) -> None:
    told = {} if version is None else {"anthropic-version": version}

    answer = httpx2.request(method, f"{gateway}{path}", headers={"x-api-key": ada.token.text} | told)

    body = answer.json()
    error = body["error"]
    code = error["details"]["error_code"] if body.get("type") == "error" else error["code"]
    assert (answer.status_code, code, answer.headers["x-should-retry"]) == (404, "not_offered", "false")
    assert "/v1/chat/completions" in error["message"]
    assert answer.headers["request-id"] == answer.headers["x-request-id"]
    assert (body.get("type") == "error") is (version is not None and "responses" not in path)


@pytest.mark.parametrize("path", ["/v1/responses/resp_1", "/v1/responses/resp_1/cancel", "/v1/chat/completions/c_1"])
def test_nothing_is_stored(path: str) -> None:
    refused = offered.lost("GET", path)

    assert refused is not None
    assert "not stored" in refused.message


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages/count_tokens", "/v1/models", "/v1/me"])
def test_a_slash_too_many_is_named(path: str) -> None:
    refused = offered.lost("POST", f"{path}/")

    assert refused is not None
    assert refused.code == Refusal.NOT_FOUND
    assert "leave the slash" in refused.message


def test_the_input_of_a_response_is_counted(gateway: str, ada: Account) -> None:
    key = {"authorization": f"Bearer {ada.token.text}"}
    body = {"model": "muse-spark", "input": "Tell me about bridges"}

    answer = httpx2.post(f"{gateway}/v1/responses/input_tokens", json=body, headers=key).json()

    assert answer["object"] == "response.input_tokens"
    assert 0 < answer["input_tokens"] < 40
