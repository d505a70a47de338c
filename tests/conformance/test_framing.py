"""What is on the wire: frames, keep-alives, headers. The rules are those that the SDKs' decoders impose."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from tests.gateway import odd_upstream
from tests.gateway.books import Books
from tests.gateway.published import Account
from tests.gateway.serving import wait_until

PROMPT: Any = [{"role": "user", "content": "Tell me about bridges"}]
BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": PROMPT},
    "/v1/responses": {"input": "Tell me about bridges"},
    "/v1/messages": {"messages": PROMPT, "max_tokens": 50},
}
VERSION = {"anthropic-version": "2023-06-01"}
Post = Callable[..., httpx2.Response]


@pytest.fixture
def post(gateway: str, ada: Account) -> Post:
    def post(path: str, body: dict[str, Any], **headers: str) -> httpx2.Response:
        key = {"authorization": f"Bearer {ada.token.text}"}
        return httpx2.post(f"{gateway}{path}", json=body, headers=VERSION | key | headers, timeout=20)

    return post


def frames_of(answer: httpx2.Response) -> list[list[str]]:
    *frames, rest = answer.text.split("\n\n")
    assert rest == ""
    return [frame.split("\n") for frame in frames]


@pytest.mark.parametrize("path", BODIES)
def test_frames_are_those_of_the_surface(post: Post, path: str) -> None:
    answer = post(path, BODIES[path] | {"model": "muse-spark", "stream": True})

    frames = frames_of(answer)
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert not any(line.startswith("id:") for frame in frames for line in frame)
    if path == "/v1/chat/completions":
        assert frames[-1] == ["data: [DONE]"]
        assert all(len(frame) == 1 and frame[0].startswith("data: ") for frame in frames)
    else:
        assert all(frame[0].startswith("event: ") and frame[1].startswith("data: ") for frame in frames)
        assert all(f'"type":"{frame[0][7:]}"' in frame[1] for frame in frames)


@pytest.mark.parametrize("path", BODIES)
def test_silence_is_filled_with_what_the_surface_ignores(post: Post, odd: Callable[[str], str], path: str) -> None:
    frames = frames_of(post(path, BODIES[path] | {"model": odd("is-silent"), "stream": True}))

    alive = ["event: ping", 'data: {"type":"ping"}'] if path == "/v1/messages" else [": keep-alive"]
    assert frames.count(alive) >= 2
    assert any("ping" in frame[0] for frame in frames) is (path == "/v1/messages")


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("kind", ["reports-an-error", "stops-without-done"])
def test_a_stream_that_fails_ends_properly(post: Post, odd: Callable[[str], str], path: str, kind: str) -> None:
    answer = post(path, BODIES[path] | {"model": odd(kind), "stream": True})

    last = "\n".join(frames_of(answer)[-1])
    assert "broke off" in last
    assert last.startswith(
        {"/v1/messages": "event: error", "/v1/responses": "event: response.failed"}.get(path, "data")
    )


@pytest.mark.parametrize("path", BODIES)
def test_who_hangs_up_ends_the_generation_and_is_charged(
    gateway: str, ada: Account, books: Books, odd: Callable[[str], str], path: str
) -> None:
    odd_upstream.CANCELLED.clear()
    headers = VERSION | {"authorization": f"Bearer {ada.token.text}"}
    body = BODIES[path] | {"model": odd("never-ends"), "stream": True}

    with httpx2.stream("POST", f"{gateway}{path}", headers=headers, json=body) as answer:
        next(answer.iter_raw())

    wait_until(lambda: odd_upstream.CANCELLED == ["never-ends"])
    wait_until(lambda: len(books.events(ada.id)) == 1)
    (event,) = books.events(ada.id)
    assert (event["outcome"], event["output"]) == ("aborted", 1)


@pytest.mark.parametrize("header", ["authorization", "x-api-key"])
@pytest.mark.parametrize("version", ["2023-06-01", "2026-10-21"])
def test_one_key_and_both_headers_and_versions(gateway: str, ada: Account, header: str, version: str) -> None:
    key = {header: ("Bearer " if header == "authorization" else "") + ada.token.text, "anthropic-version": version}
    ask = BODIES["/v1/messages"] | {"model": "muse-spark"}

    answers = [
        httpx2.post(f"{gateway}/v1/messages", json=ask, headers=key),
        httpx2.post(f"{gateway}/v1/messages?beta=true", json=ask, headers=key | {"anthropic-beta": "a,b"}),
        httpx2.post(f"{gateway}/v1/messages/count_tokens", json=ask, headers=key),
        httpx2.get(f"{gateway}/v1/models", headers=key),
        httpx2.get(f"{gateway}/v1/models/muse-spark", headers=key),
    ]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert all(answer.headers["request-id"] == answer.headers["x-request-id"] for answer in answers)


@pytest.mark.parametrize("version", [None, "2031-01-01"])
def test_a_version_that_is_missing_or_unknown_is_told_so(post: Post, version: str | None) -> None:
    told = {"anthropic-version": version or ""}

    answer = post("/v1/messages", BODIES["/v1/messages"] | {"model": "muse-spark"}, **told)

    error = answer.json()["error"]
    assert (answer.status_code, answer.json()["type"], error["type"]) == (400, "error", "invalid_request_error")
    assert (error["param"], error["details"]["error_code"]) == ("anthropic-version", "invalid_request")
    assert "2023-06-01" in error["message"]


def test_models_take_the_shape_of_who_asks(gateway: str, ada: Account) -> None:
    key = {"authorization": f"Bearer {ada.token.text}"}

    openais = httpx2.get(f"{gateway}/v1/models", headers=key).json()
    first = httpx2.get(f"{gateway}/v1/models?limit=2", headers=key | VERSION).json()
    rest = httpx2.get(f"{gateway}/v1/models?limit=1000&after_id={first['last_id']}", headers=key | VERSION).json()

    assert openais["object"] == "list"
    assert (len(first["data"]), first["has_more"], rest["has_more"]) == (2, True, False)
    listed = [model["id"] for model in [*first["data"], *rest["data"]]]
    assert listed == [model["id"] for model in openais["data"]]


@pytest.mark.parametrize("path", ["/v1/messages/nothing", "/v1/messages", "/v1/responses/resp_1", "/v1/nothing"])
def test_errors_of_the_edge_are_json_in_the_surfaces_shape(gateway: str, ada: Account, path: str) -> None:
    answer = httpx2.delete(f"{gateway}{path}", headers={"x-api-key": ada.token.text})

    assert answer.status_code in {404, 405}
    assert answer.headers["content-type"] == "application/json"
    assert (answer.json().get("type") == "error") is path.startswith("/v1/messages")
