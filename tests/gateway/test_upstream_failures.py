"""What the client sees, and what is charged, when the model server misbehaves."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import openai
import pytest

from tests.gateway import odd_upstream
from tests.gateway.books import Books
from tests.gateway.published import SPARK, Account, Publisher, upstream
from tests.gateway.serving import wait_until

PROMPT: Any = [{"role": "user", "content": "Tell me about bridges"}]
Odd = Callable[[str], str]


@pytest.fixture
def client(sdk: openai.OpenAI) -> openai.OpenAI:
    return sdk.with_options(max_retries=0)


@dataclass
class Unlucky:
    """A caller, and the means to make a model server misbehave."""

    client: openai.OpenAI
    odd: Odd
    events: Callable[[], list[dict[str, Any]]]


@pytest.fixture
def unlucky(client: openai.OpenAI, odd: Odd, ada: Account, books: Books) -> Unlucky:
    return Unlucky(client, odd, lambda: books.events(ada.id))


def test_a_failure_before_the_first_byte_is_json_and_free(
    client: openai.OpenAI, published: Publisher, ada: Account, books: Books
) -> None:
    published.model(
        replace(SPARK, slug="nobody-listens", upstreams=(upstream("muse-spark", url="http://127.0.0.1:9/v1"),))
    )

    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model="nobody-listens", messages=PROMPT, stream=True)

    assert (caught.value.status_code, caught.value.code) == (502, "upstream_unavailable")
    assert books.events(ada.id) == []


@pytest.mark.parametrize(
    ("kind", "status"), [("refuses-401", 502), ("refuses-429", 502), ("answers-html", 502), ("refuses-400-html", 400)]
)
def test_the_operators_troubles_are_neither_shown_nor_charged(unlucky: "Unlucky", kind: str, status: int) -> None:
    for is_stream in (True, False):
        with pytest.raises(openai.APIStatusError) as caught:
            unlucky.client.chat.completions.create(model=unlucky.odd(kind), messages=PROMPT, stream=is_stream)

        assert caught.value.status_code == status
        assert "Operator" not in str(caught.value)
        assert "html" not in str(caught.value)
    assert unlucky.events() == []


def test_the_callers_own_mistake_is_passed_on(client: openai.OpenAI, odd: Odd) -> None:
    with pytest.raises(openai.BadRequestError, match="Too long") as caught:
        client.chat.completions.create(model=odd("refuses-400"), messages=PROMPT)

    assert caught.value.param == "messages"


@pytest.mark.parametrize("kind", ["reports-an-error", "stops-without-done"])
def test_death_in_the_middle_is_an_error_frame_and_what_was_delivered_is_charged(
    client: openai.OpenAI, odd: Odd, ada: Account, books: Books, kind: str
) -> None:
    with pytest.raises(openai.APIError, match="broke off"):
        list(client.chat.completions.create(model=odd(kind), messages=PROMPT, stream=True))

    (event,) = books.events(ada.id)
    assert (event["outcome"], event["is_estimated"]) == ("upstream_failed", True)
    assert event["output"] == {"reports-an-error": 1, "stops-without-done": 2}[kind]


def test_a_cut_connection_is_an_error_frame_too(client: openai.OpenAI, ada: Account, books: Books) -> None:
    with pytest.raises(openai.APIError, match="broke off"):
        list(client.chat.completions.create(model="demo-broken", messages=PROMPT, stream=True))

    (event,) = books.events(ada.id)
    assert (event["outcome"], event["output"], event["is_estimated"]) == ("upstream_failed", 5, True)


@pytest.mark.parametrize(
    ("kind", "output", "is_estimated"),
    [("usual", 2, False), ("usage-beside-a-choice", 2, False), ("without-usage", 2, True)],
)
def test_usage_is_found_wherever_it_is_and_hidden(
    unlucky: "Unlucky", kind: str, output: int, is_estimated: bool
) -> None:
    chunks = list(unlucky.client.chat.completions.create(model=unlucky.odd(kind), messages=PROMPT, stream=True))

    (event,) = unlucky.events()
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "one two"
    assert [chunk.usage for chunk in chunks if chunk.usage is not None] == []
    assert (event["output"], event["is_estimated"], event["outcome"]) == (output, is_estimated, "completed")


def test_a_whole_answer_without_usage_counts_four_bytes_a_token(
    client: openai.OpenAI, odd: Odd, ada: Account, books: Books
) -> None:
    client.chat.completions.create(model=odd("whole-without-usage"), messages=PROMPT)

    (event,) = books.events(ada.id)
    assert (event["output"], event["is_estimated"]) == (2, True)


def test_usage_is_always_asked_for_and_a_bound_always_named(client: openai.OpenAI, odd: Odd) -> None:
    odd_upstream.RECORDED.clear()

    list(client.chat.completions.create(model=odd("usual"), messages=PROMPT, stream=True, seed=7))

    (sent,) = odd_upstream.RECORDED
    assert sent["stream_options"] == {"include_usage": True}
    assert (sent["max_tokens"], sent["seed"], sent["messages"]) == (8_192, 7, PROMPT)


def test_a_silent_stream_is_kept_alive_with_comments(gateway: str, odd: Odd, ada: Account) -> None:
    """Comments, never events: an event named ping would reach the caller as a chunk without choices."""
    with httpx2.stream(
        "POST",
        f"{gateway}/v1/chat/completions",
        headers={"authorization": f"Bearer {ada.token.text}"},
        json={"model": odd("is-silent"), "messages": PROMPT, "stream": True},
    ) as answer:
        frames = "".join(answer.iter_text()).split("\n\n")

    assert answer.headers["transfer-encoding"] == "chunked"
    assert frames.count(": keep-alive") >= 2
    assert frames[-2] == "data: [DONE]"
    assert all(frame.startswith(("data: ", ": ")) for frame in frames[:-1])


def test_hanging_up_cancels_the_model_servers_work(client: openai.OpenAI, odd: Odd, ada: Account, books: Books) -> None:
    odd_upstream.CANCELLED.clear()
    stream = client.chat.completions.create(model=odd("never-ends"), messages=PROMPT, stream=True)
    next(iter(stream))

    stream.close()

    wait_until(lambda: odd_upstream.CANCELLED == ["never-ends"])
    wait_until(lambda: len(books.events(ada.id)) == 1)
    (event,) = books.events(ada.id)
    assert (event["outcome"], event["output"], event["is_estimated"]) == ("aborted", 1, True)
