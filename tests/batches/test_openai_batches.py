"""OpenAI's files and batches, driven by its own SDK: half price, per-line errors, partial failure, cancel, expiry."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import openai
import pytest
from django.utils import timezone
from openai.types import Batch as BatchType

from batches.advance import advance_batch
from batches.models import Batch, BatchLine
from keys.facts import key_facts
from keys.revoke import revoke_key
from tests.batches.conftest import Developer, half_of, work
from tests.factories import ROBOT
from tests.gateway.books import Books
from tests.gateway.published import Publisher

CHAT: Any = "/v1/chat/completions"


def chat(custom_id: str, **body: Any) -> dict[str, Any]:
    asked = {"model": "toll-spark", "messages": [{"role": "user", "content": "Roads"}], "max_tokens": 5} | body
    return {"custom_id": custom_id, "method": "POST", "url": CHAT, "body": asked}


def jsonl(*lines: Any) -> bytes:
    return b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)


def send(developer: Developer, *lines: Any, endpoint: Any = CHAT, **options: Any) -> BatchType:
    client = developer.openai
    file = client.files.create(file=("in.jsonl", jsonl(*lines)), purpose="batch")
    return client.batches.create(input_file_id=file.id, endpoint=endpoint, completion_window="24h", **options)


def results(developer: Developer, file_id: str | None) -> dict[str, Any]:
    assert file_id is not None
    text = developer.openai.files.content(file_id).text
    return {line["custom_id"]: line for line in map(json.loads, text.splitlines())}


def test_a_file_is_kept_as_it_was_sent(developer: Developer) -> None:
    client, data = developer.openai, jsonl(*(chat(f"line {n}", metadata={"x": "y" * 1000}) for n in range(2000)))

    file = client.files.create(
        file=("in.jsonl", data), purpose="batch", expires_after={"anchor": "created_at", "seconds": 7200}
    )

    assert (file.object, file.bytes, file.filename, file.purpose, file.status) == (
        "file",
        len(data),
        "in.jsonl",
        "batch",
        "processed",
    )
    assert file.expires_at == file.created_at + 7200
    assert client.files.content(file.id).read() == data
    assert client.files.retrieve(file.id) == file
    assert client.files.list(purpose="batch").data == [file]
    assert client.files.delete(file.id).deleted
    assert client.files.list().data == []
    with pytest.raises(openai.NotFoundError):
        client.files.content(file.id)


def test_a_batch_from_beginning_to_end_at_half_the_price(developer: Developer, books: Books) -> None:
    client = developer.openai
    sent = send(developer, chat("a"), chat("b", max_tokens=9), metadata={"job": "night"})
    assert (sent.status, sent.metadata, sent.errors) == ("validating", {"job": "night"}, None)
    assert (sent.expires_at or 0) - sent.created_at == 86_400

    work(sent.id)

    batch = client.batches.retrieve(sent.id)
    assert batch.status == "completed"
    assert batch.request_counts is not None
    assert batch.request_counts.to_dict() == {"total": 2, "completed": 2, "failed": 0}
    assert all((batch.in_progress_at, batch.finalizing_at, batch.completed_at))
    assert batch.error_file_id is None
    answers = results(developer, batch.output_file_id)
    assert set(answers) == {"a", "b"}
    assert answers["a"]["response"]["status_code"] == 200
    assert answers["a"]["response"]["body"]["choices"][0]["message"]["content"]
    events = books.events(developer.account.id)
    assert {event["service_tier"] for event in events} == {"batch"}
    assert [event["amount"] for event in events] == [half_of(event) for event in events]
    assert {event["request_id"] for event in events} == {line["response"]["request_id"] for line in answers.values()}
    assert client.batches.list().data == [batch]


def test_the_usage_of_a_batch_is_that_of_its_lines_and_of_their_events(developer: Developer, books: Books) -> None:
    sent = send(developer, *(chat(str(n), max_tokens=3 + n) for n in range(12)))

    done = work(sent.id)

    batch = developer.openai.batches.retrieve(sent.id)
    usage, events = batch.usage, books.events(developer.account.id)
    answers = results(developer, batch.output_file_id)
    bodies = [line["response"]["body"]["usage"] for line in answers.values()]
    assert usage is not None
    assert usage.input_tokens == sum(body["prompt_tokens"] for body in bodies)
    assert usage.input_tokens == sum(event["input"] + event["cache_read"] for event in events)
    assert usage.output_tokens == sum(body["completion_tokens"] for body in bodies)
    assert usage.output_tokens == sum(event["output"] + event["reasoning"] for event in events)
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens
    assert sum(line.amount for line in done.lines.all()) == books.spent(developer.account.id) > 0


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("/v1/responses", {"model": "toll-spark", "input": "Roads", "max_output_tokens": 20}),
        ("/v1/embeddings", {"model": "toll-embed", "input": ["Roads", "Bridges"]}),
    ],
)
def test_each_endpoint_is_served(endpoint: str, body: dict[str, Any], developer: Developer, books: Books) -> None:
    line = {"custom_id": "one", "method": "POST", "url": endpoint, "body": body}
    sent = send(developer, line, endpoint=endpoint)

    work(sent.id)

    batch = developer.openai.batches.retrieve(sent.id)
    (event,) = books.events(developer.account.id)
    assert batch.status == "completed"
    assert batch.usage is not None
    assert batch.usage.input_tokens == event["input"] + event["cache_read"]
    assert event["amount"] == half_of(event) > 0


def test_some_lines_fail_and_the_others_do_not(developer: Developer, books: Books) -> None:
    sent = send(developer, chat("good"), chat("unknown", model="nobody"), chat("unsold", model="toll-plain"))

    work(sent.id)

    batch = developer.openai.batches.retrieve(sent.id)
    assert batch.request_counts is not None
    assert batch.status == "completed"
    assert batch.request_counts.to_dict() == {"total": 3, "completed": 1, "failed": 2}
    assert set(results(developer, batch.output_file_id)) == {"good"}
    errors = results(developer, batch.error_file_id)
    assert errors["unknown"]["response"]["status_code"] == 404
    assert errors["unknown"]["response"]["body"]["error"]["code"] == "model_not_found"
    assert errors["unsold"]["response"]["status_code"] == 400
    assert len(books.events(developer.account.id)) == 1


@pytest.mark.parametrize(
    ("lines", "code", "line", "param"),
    [
        ([chat("a"), b"{not json}\n"], "invalid_json_line", 2, None),
        ([chat("a"), b"\n", b"[1]\n"], "invalid_json_line", 3, None),
        ([{**chat("a"), "method": "GET"}], "invalid_method", 1, "method"),
        ([{**chat("a"), "url": "/v1/embeddings"}], "mismatched_url", 1, "url"),
        ([{"method": "POST", "url": CHAT, "body": {}}], "missing_required_parameter", 1, "custom_id"),
        ([chat("a"), chat("b"), chat("a")], "duplicate_custom_id", 3, "custom_id"),
        ([chat("a", model=None)], "missing_required_parameter", 1, "body.model"),
        ([chat("a", stream=True)], "invalid_body", 1, "body.stream"),
        ([{**chat("a"), "body": "x"}], "invalid_body", 1, "body"),
        ([{**chat("a"), "custom_id": "a\0"}], "invalid_custom_id", 1, "custom_id"),
        ([b"\n"], "empty_file", None, "input_file_id"),
    ],
)
def test_a_wrong_file_fails_the_batch_and_names_line_and_field(
    *, lines: list[Any], code: str, line: int | None, param: str | None, developer: Developer, books: Books
) -> None:
    sent = send(developer, *lines)

    work(sent.id)

    batch = developer.openai.batches.retrieve(sent.id)
    assert batch.status == "failed"
    assert batch.failed_at
    assert batch.errors is not None
    assert batch.errors.data is not None
    (error,) = batch.errors.data
    assert (error.code, error.line, error.param) == (code, line, param)
    assert books.events(developer.account.id) == []


def test_what_is_no_batch_is_refused_at_once(developer: Developer) -> None:
    client = developer.openai
    file = client.files.create(file=("in.jsonl", b"{}"), purpose="batch")

    for wrong, param in (
        ({"input_file_id": "file-0"}, None),
        ({"endpoint": "/v1/nothing"}, "endpoint"),
        ({"completion_window": "1h"}, "completion_window"),
        ({"metadata": {"a": 1}}, "metadata.a"),
    ):
        asked: Any = {"input_file_id": file.id, "endpoint": CHAT, "completion_window": "24h"} | wrong
        with pytest.raises((openai.BadRequestError, openai.NotFoundError)) as refused:
            client.batches.create(**asked)
        assert refused.value.param == param
        assert refused.value.request_id
    with pytest.raises(openai.BadRequestError, match="purpose"):
        client.files.create(file=("in.jsonl", b"{}"), purpose="vision")
    with pytest.raises(openai.BadRequestError, match="empty"):
        client.files.create(file=("in.jsonl", b""), purpose="batch")


def test_a_cancelled_batch_sends_nothing_more(developer: Developer, books: Books) -> None:
    client = developer.openai
    sent = send(developer, *(chat(str(n)) for n in range(3)))

    cancelling = client.batches.cancel(sent.id)
    work(sent.id)

    assert cancelling.status == "cancelling"
    batch = client.batches.retrieve(sent.id)
    assert (batch.status, bool(batch.cancelled_at)) == ("cancelled", True)
    assert books.events(developer.account.id) == []
    with pytest.raises(openai.BadRequestError):
        client.batches.cancel(work(send(developer, chat("x")).id).public_id)


def test_lines_that_are_not_run_when_the_day_is_over_expire(developer: Developer, books: Books) -> None:
    sent = send(developer, chat("a"), chat("b"))
    row = Batch.objects.get()
    Batch.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    advance_batch(row.pk)

    batch = developer.openai.batches.retrieve(sent.id)
    assert batch.status == "expired"
    assert {line["error"]["code"] for line in results(developer, batch.error_file_id).values()} == {"batch_expired"}
    assert books.events(developer.account.id) == []


def test_a_batch_stops_when_the_credit_is_used_up(
    developer_for: Callable[..., Developer], models: object, books: Books
) -> None:
    developer = developer_for(micros=1_000)
    sent = send(developer, *(chat(str(n), max_tokens=100) for n in range(30)))

    work(sent.id)

    batch = developer.openai.batches.retrieve(sent.id)
    assert batch.status == "completed"
    errors = results(developer, batch.error_file_id)
    assert {line["response"]["body"]["error"]["code"] for line in errors.values()} == {"credit_balance_exhausted"}
    assert 0 < len(errors) < 30
    assert len(errors) + len(books.events(developer.account.id)) == 30
    assert books.spent(developer.account.id) <= 1_000 * 10**6


def test_a_revoked_key_stops_its_batch(developer: Developer, publisher: Publisher, books: Books) -> None:
    sent = send(developer, *(chat(str(n)) for n in range(4)))
    pk = Batch.objects.get().pk
    revoke_key(developer.key, actor=ROBOT, now=timezone.now())
    publisher.account(replace(developer.account, key=replace(key_facts(developer.key), status="revoked", version=99)))

    work(sent.id)

    lines = BatchLine.objects.filter(batch=pk)
    assert {line.state for line in lines} == {"errored"}
    assert Batch.objects.get().status == "completed"
    assert books.events(developer.account.id) == []
    with pytest.raises(openai.AuthenticationError):
        developer.openai.batches.retrieve(sent.id)


def test_another_organization_finds_nothing(developer: Developer, developer_for: Callable[..., Developer]) -> None:
    sent = send(developer, chat("a"))
    eve = developer_for("Eve's").openai

    assert eve.files.list().data == []
    assert eve.batches.list().data == []
    for ask in (
        lambda: eve.files.retrieve(sent.input_file_id),
        lambda: eve.files.content(sent.input_file_id),
        lambda: eve.files.delete(sent.input_file_id),
        lambda: eve.batches.retrieve(sent.id),
        lambda: eve.batches.cancel(sent.id),
        lambda: eve.batches.create(input_file_id=sent.input_file_id, endpoint=CHAT, completion_window="24h"),
    ):
        with pytest.raises(openai.NotFoundError):
            ask()


def test_an_sdk_that_asks_again_makes_no_second_batch(developer: Developer) -> None:
    sent = send(developer, chat("a"))

    again = developer.openai.batches.create(
        input_file_id=sent.input_file_id,
        endpoint=CHAT,
        completion_window="24h",
        extra_headers={"x-stainless-retry-count": "1"},
    )

    assert again.id == sent.id
    assert Batch.objects.count() == 1


def test_pages_turn(developer: Developer) -> None:
    sent = [send(developer, chat("a")).id for _ in range(5)]

    found = [batch.id for batch in developer.openai.batches.list(limit=2)]

    assert found == sent[::-1]
