"""A stream whose model server is silent: keep-alives begin before its first frame, and failures stay free.

The gateway of these tests comments after 0.3 seconds.
"""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from tests.gateway.books import Books
from tests.gateway.conftest import Sdk
from tests.gateway.published import SPARK, Account, Publisher, upstream
from tests.gateway.serving import wait_until
from tests.gateway.upstreams.raw_server import Peer
from tests.gateway.upstreams.several import DELTA, OK, STREAM, chunk, says, scripted, status

COMMENT, PING = ": keep-alive\n\n", 'event: ping\ndata: {"type":"ping"}\n\n'
USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}}\n\ndata: [DONE]\n\n'
SURFACES: list[tuple[str, dict[str, Any], str]] = [
    ("/v1/chat/completions", {"messages": [{"role": "user", "content": "x"}]}, COMMENT),
    ("/v1/responses", {"input": "x"}, COMMENT),
    ("/v1/messages", {"messages": [{"role": "user", "content": "x"}], "max_tokens": 50}, PING),
]
IDS = ["chat", "responses", "messages"]


async def silence(peer: Peer) -> None:
    """Longer than two intervals."""
    peer.was_left = await peer.is_left_within(1.0)


def then(*acts: Any) -> Any:
    async def act(peer: Peer) -> None:
        for each in acts:
            await each(peer)

    return act


class Caller:
    def __init__(self, gateway: str, published: Publisher, account: Account) -> None:
        self.gateway, self.published, self.account = gateway, published, account

    def publish(self, url: str, **fields: Any) -> None:
        self.published.model(replace(SPARK, slug="silent", upstreams=(upstream("m", url=url, **fields),)))

    def call(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        headers = {"x-api-key": self.account.token.text, "anthropic-version": "2023-06-01"}
        sent = body | {"model": "silent", "stream": True}
        return httpx2.post(f"{self.gateway}{path}", json=sent, headers=headers, timeout=20)


@pytest.fixture
def caller(gateway: str, published: Publisher, ada: Account) -> Caller:
    return Caller(gateway, published, ada)


@pytest.mark.parametrize(("path", "body", "comment"), SURFACES, ids=IDS)
def test_keep_alives_begin_before_the_first_frame(
    caller: Caller, books: Books, path: str, body: dict[str, Any], comment: str
) -> None:
    with scripted(then(silence, says(STREAM, chunk(DELTA), chunk(USAGE), b"0\r\n\r\n"))) as server:
        caller.publish(server.url)
        answer = caller.call(path, body)

    assert answer.status_code == 200
    assert answer.text.startswith(comment * 2)
    assert "one" in answer.text.removeprefix(comment * 2)
    assert answer.headers["x-request-id"].startswith("req_")
    assert [event["outcome"] for event in books.events(caller.account.id)] == ["completed"]


FAILED = {
    "/v1/chat/completions": '"code":"upstream_unavailable"',
    "/v1/responses": '"response.failed"',
    "/v1/messages": "event: error",
}


@pytest.mark.parametrize(("path", "body", "comment"), SURFACES, ids=IDS)
@pytest.mark.parametrize(
    "failure",
    [says(status(b"503 Busy")), says(STREAM, b"0\r\n\r\n"), says(b"nonsense\r\n\r\n")],
    ids=["status", "nothing", "no HTTP"],
)
def test_a_failure_after_the_first_keep_alive_is_told_in_the_stream_and_free(
    caller: Caller, books: Books, path: str, body: dict[str, Any], comment: str, failure: Any
) -> None:
    with scripted(then(silence, failure)) as server:
        caller.publish(server.url)
        answer = caller.call(path, body)
        wait_until(lambda: in_flight(caller) == 0)

    assert answer.status_code == 200
    assert answer.text.startswith(comment)
    assert FAILED[path] in answer.text
    assert books.events(caller.account.id) == []


def test_what_the_server_says_of_the_request_is_told_in_the_stream(caller: Caller, books: Books) -> None:
    refusal = json.dumps({"error": {"message": "Too long.", "param": "messages"}}).encode()
    with scripted(then(silence, says(status(b"400 Bad", body=refusal)))) as server:
        caller.publish(server.url)
        answer = caller.call(*SURFACES[0][:2])

    assert '"message":"Too long."' in answer.text
    assert books.events(caller.account.id) == []


@pytest.mark.parametrize(("path", "body", "comment"), SURFACES, ids=IDS)
def test_before_that_a_failure_is_an_ordinary_status(
    caller: Caller, books: Books, path: str, body: dict[str, Any], comment: str
) -> None:
    with scripted(says(status(b"503 Busy"))) as server:
        caller.publish(server.url)
        answer = caller.call(path, body)

    assert answer.status_code == 502
    assert answer.headers["content-type"] == "application/json"
    assert books.events(caller.account.id) == []


def test_who_broke_before_a_token_is_free_although_frames_passed(caller: Caller, books: Books) -> None:
    role = DELTA.replace(b'"content":"one"', b'"role":"assistant","content":""')
    with scripted(says(STREAM, chunk(role), b"0\r\n\r\n")) as server:
        caller.publish(server.url)
        answer = caller.call(*SURFACES[0][:2])

    assert '"upstream_unavailable"' in answer.text
    assert books.events(caller.account.id) == []


def test_no_other_server_is_asked_once_the_answer_has_begun(caller: Caller) -> None:
    with scripted(then(silence, says(status(b"503 Busy")))) as first, scripted(says(OK)) as second:
        servers = (upstream("m", url=first.url, name="first", weight=1_000), upstream("m", url=second.url, weight=1))
        caller.published.model(replace(SPARK, slug="silent", upstreams=servers))
        answer = caller.call(*SURFACES[0][:2])

    assert '"upstream_unavailable"' in answer.text
    assert second.requests == []


def test_the_sdks_wait_through_silence(gateway: str, caller: Caller, sdk_for: Callable[[str], Sdk]) -> None:
    with scripted(then(silence, says(STREAM, chunk(DELTA), chunk(USAGE), b"0\r\n\r\n"))) as server:
        caller.publish(server.url)
        key = caller.account.token.text
        chunks = list(
            sdk_for(key).client.chat.completions.create(
                model="silent", stream=True, messages=[{"role": "user", "content": "x"}]
            )
        )
        with (
            anthropic.Anthropic(api_key=key, base_url=gateway, max_retries=0) as client,
            client.messages.stream(
                model="silent", max_tokens=50, messages=[{"role": "user", "content": "x"}]
            ) as stream,
        ):
            text = "".join(stream.text_stream)

    assert [part.choices[0].delta.content for part in chunks if part.choices] == ["one"]
    assert text == "one"


def test_an_error_after_silence_is_raised_by_the_sdk(caller: Caller, sdk_for: Callable[[str], Sdk]) -> None:
    with scripted(then(silence, says(status(b"500 Error")))) as server:
        caller.publish(server.url)
        stream = sdk_for(caller.account.token.text).client.chat.completions.create(
            model="silent", stream=True, messages=[{"role": "user", "content": "x"}]
        )
        with pytest.raises(openai.APIError) as raised:
            list(stream)

    assert raised.value.code == "upstream_unavailable"


def test_who_hangs_up_in_silence_is_noticed_and_the_server_told(caller: Caller, books: Books) -> None:
    with scripted(silence) as server:
        caller.publish(server.url)
        with pytest.raises(httpx2.ReadTimeout):
            httpx2.post(
                f"{caller.gateway}/v1/chat/completions",
                json=SURFACES[0][1] | {"model": "silent"},
                headers={"x-api-key": caller.account.token.text},
                timeout=0.3,
            )
        hung_up = time.monotonic()
        wait_until(lambda: server.left == 1)

    assert time.monotonic() - hung_up < 1.0  # It would have been silent for longer.
    wait_until(lambda: len(books.events(caller.account.id)) == 1)
    assert books.events(caller.account.id)[0]["outcome"] == "aborted"


def in_flight(caller: Caller) -> int:
    return int(httpx2.get(f"{caller.gateway}/healthz").json()["in_flight"])
