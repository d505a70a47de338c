"""A request goes to another upstream only while nobody can have generated anything: docs/adr/0009."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from config.embedded.redis_server import free_port
from core.ids import uuid7
from core.wire import UpstreamFacts
from tests.gateway.books import Books
from tests.gateway.published import SPARK, Account, Publisher, upstream
from tests.gateway.serving import wait_until
from tests.gateway.upstreams.several import (
    OK,
    Act,
    Scripted,
    breaks_after_a_token,
    resets,
    says,
    scripted,
    status,
    waits,
)

BODY = {"messages": [{"role": "user", "content": "Roads"}]}
BUSY = b"retry-after: 7"


@pytest.fixture
def serve() -> Iterator[Callable[..., Scripted]]:
    with ExitStack() as stack:
        yield lambda *acts: stack.enter_context(scripted(*acts))


class Caller:
    """Calls one model that is published with the upstreams of the test."""

    def __init__(self, gateway: str, published: Publisher, account: Account) -> None:
        self._gateway, self._published, self.account = gateway, published, account
        self.slug = f"m-{uuid7().hex}"

    def publish(self, *upstreams: UpstreamFacts) -> None:
        self._published.model(replace(SPARK, slug=self.slug, upstreams=upstreams))

    def call(self, **options: Any) -> httpx2.Response:
        key = {"x-api-key": self.account.token.text}
        body = BODY | {"model": self.slug} | options
        return httpx2.post(f"{self._gateway}/v1/chat/completions", json=body, headers=key, timeout=20)

    def health(self) -> dict[str, dict[str, Any]]:
        shown = httpx2.get(f"{self._gateway}/healthz").json()["upstreams"]
        return {each["upstream"]: each for each in shown if each["model"] == self.slug}


@pytest.fixture
def caller(gateway: str, published: Publisher, ada: Account) -> Caller:
    return Caller(gateway, published, ada)


def first_of(url: str, **fields: Any) -> UpstreamFacts:
    """So heavy that it is asked first, near enough to always."""
    return upstream("m", url=url, name="first", weight=1_000, **fields)


def second_of(url: str, **fields: Any) -> UpstreamFacts:
    return upstream("m", url=url, name="second", weight=1, **fields)


@pytest.mark.parametrize(
    "act",
    [
        resets,
        *(says(status(line)) for line in (b"401 No", b"403 No", b"404 No", b"502 Bad", b"503 No", b"504 No")),
        says(status(b"529 Overloaded")),
        says(status(b"429 Busy", BUSY)),
        says(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    ],
    ids=["reset", "401", "403", "404", "502", "503", "504", "529", "429", "another protocol"],
)
def test_another_one_answers(caller: Caller, serve: Callable[..., Scripted], books: Books, act: Act) -> None:
    bad, good = serve(act), serve(says(OK))
    caller.publish(first_of(bad.url), second_of(good.url))

    answers = [caller.call() for _ in range(3)]

    assert {answer.status_code for answer in answers} == {200}
    assert bad.requests
    assert len(good.requests) == 3
    assert len(books.events(caller.account.id)) == 3


def test_nobody_listens_at_the_first(caller: Caller, serve: Callable[..., Scripted]) -> None:
    good = serve(says(OK))
    caller.publish(first_of(f"http://127.0.0.1:{free_port()}/v1"), second_of(good.url))

    assert caller.call().status_code == 200


@pytest.mark.parametrize("line", [b"400 Bad", b"413 Large", b"422 No", b"500 Error", b"418 Teapot"])
def test_what_another_would_say_too_is_not_asked_again(
    caller: Caller, serve: Callable[..., Scripted], books: Books, line: bytes
) -> None:
    first, second = serve(says(status(line))), serve(says(status(line)))
    caller.publish(first_of(first.url), second_of(second.url))

    answer = caller.call()

    assert answer.status_code >= 400
    assert len(first.requests) + len(second.requests) == 1
    assert books.events(caller.account.id) == []


def test_silence_is_not_asked_again(caller: Caller, serve: Callable[..., Scripted], books: Books) -> None:
    """The first may be generating: asking the second would pay for both."""
    silent, good = serve(waits), serve(says(OK))
    caller.publish(first_of(silent.url, read_timeout=0.3), upstream("m", url=good.url, name="second", weight=0))

    answer = caller.call()

    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "upstream_timeout")
    assert good.requests == []
    wait_until(lambda: silent.left == 1)
    assert books.events(caller.account.id) == []


def test_a_stream_that_broke_is_not_begun_again(caller: Caller, serve: Callable[..., Scripted], books: Books) -> None:
    first, second = serve(breaks_after_a_token), serve(breaks_after_a_token)
    caller.publish(first_of(first.url), second_of(second.url))

    answer = caller.call(stream=True)

    assert '"upstream_unavailable"' in answer.text
    assert len(first.requests) + len(second.requests) == 1
    (event,) = books.events(caller.account.id)
    assert (event["outcome"], event["output"]) == ("upstream_failed", 1)


def test_attempts_are_bounded(caller: Caller, serve: Callable[..., Scripted], books: Books) -> None:
    servers = [serve(resets) for _ in range(5)]
    caller.publish(*(upstream("m", url=each.url, name=str(place)) for place, each in enumerate(servers)))

    answer = caller.call()

    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "upstream_unavailable")
    assert sum(len(each.requests) for each in servers) == 3
    assert int(answer.headers["retry-after"]) >= 1
    assert "x-should-retry" not in answer.headers
    assert books.events(caller.account.id) == []


def test_a_connection_that_was_closed_idle_is_opened_once_more(caller: Caller, serve: Callable[..., Scripted]) -> None:
    """The only upstream: one quick retry where the server hung up on a kept connection, none on a new one."""

    async def hangs_up(peer: Any) -> None:
        peer.writer.close()

    only = serve(says(OK), hangs_up, says(OK), says(status(b"200 OK", b"connection: close", body=b"{}")), hangs_up)
    caller.publish(first_of(only.url))

    assert [caller.call().status_code for _ in range(2)] == [200, 200]
    assert len(only.requests) == 3


def test_who_is_busy_is_left_alone(caller: Caller, serve: Callable[..., Scripted]) -> None:
    busy = serve(says(status(b"429 Busy", BUSY)))
    caller.publish(first_of(busy.url))

    answers = [caller.call() for _ in range(3)]

    assert {answer.status_code for answer in answers} == {502}
    assert len(busy.requests) == 1
    assert all(5 <= int(answer.headers["retry-after"]) <= 7 for answer in answers)
    shown = caller.health()["first"]
    assert (shown["state"], shown["failures"]) == ("closed", 0)
    assert 0 < shown["busy_for"] <= 7


def test_who_keeps_failing_is_left_alone_then_tried_again(
    caller: Caller, serve: Callable[..., Scripted], books: Books
) -> None:
    ill = serve(*[says(status(b"500 Error"))] * 5, says(OK))
    caller.publish(first_of(ill.url))

    failing = [caller.call().status_code for _ in range(7)]

    assert set(failing) == {502}
    assert len(ill.requests) == 5
    assert caller.health()["first"]["state"] == "open"
    wait_until(lambda: caller.call().status_code == 200)
    assert caller.health()["first"]["state"] == "closed"
    assert len(books.events(caller.account.id)) == 1


def test_a_drained_one_gets_nothing(caller: Caller, serve: Callable[..., Scripted]) -> None:
    drained, other = serve(says(OK)), serve(says(OK))
    caller.publish(replace(first_of(drained.url), weight=0), second_of(other.url))

    assert {caller.call().status_code for _ in range(5)} == {200}
    assert drained.requests == []


def test_all_drained_says_when_to_come_again(caller: Caller, serve: Callable[..., Scripted]) -> None:
    caller.publish(replace(first_of(serve(says(OK)).url), weight=0))

    answer = caller.call()

    assert (answer.status_code, answer.headers["retry-after"]) == (502, "30")


def test_without_its_credential_it_is_out(
    caller: Caller, serve: Callable[..., Scripted], capsys: pytest.CaptureFixture[str]
) -> None:
    unnamed, other = serve(says(OK)), serve(says(OK))
    caller.publish(first_of(unnamed.url, credential="nobody-knows"), second_of(other.url))

    assert {caller.call().status_code for _ in range(3)} == {200}
    assert unnamed.requests == []
    assert caller.health()["first"]["state"] == "credential_missing"
    assert capsys.readouterr().out.count("upstream.CREDENTIAL_MISSING") == 1


def test_each_one_gets_its_own_name_and_the_caller_his(caller: Caller, serve: Callable[..., Scripted]) -> None:
    bad, good = serve(resets), serve(says(OK))
    caller.publish(first_of(bad.url), replace(second_of(good.url), model="m"))

    answer = caller.call()

    assert answer.json()["model"] == caller.slug
    assert b'"model":"m"' in good.requests[0]
    assert b"authorization" not in good.requests[0].lower()
