"""Anthropic's message batches, driven by its own SDK."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic.types.messages import MessageBatch
from django.utils import timezone

from batches.advance import advance_batch
from batches.models import Batch
from tests.batches.conftest import Developer, half_of, work
from tests.gateway.books import Books


def request(custom_id: str, **params: Any) -> Any:
    asked = {"model": "toll-spark", "max_tokens": 6, "messages": [{"role": "user", "content": "Roads"}]}
    return {"custom_id": custom_id, "params": asked | params}


def send(developer: Developer, *requests: Any) -> MessageBatch:
    return developer.anthropic.messages.batches.create(requests=requests)


def results(developer: Developer, batch_id: str) -> dict[str, Any]:
    # The client must outlive what is read through it.
    with developer.anthropic as client:
        return {line.custom_id: line.result for line in client.messages.batches.results(batch_id)}


def test_a_batch_from_beginning_to_end_at_half_the_price(developer: Developer, books: Books) -> None:
    batches = developer.anthropic.messages.batches
    sent = send(developer, request("a"), request("b"))
    assert (sent.type, sent.processing_status, sent.results_url, sent.ended_at) == (
        "message_batch",
        "in_progress",
        None,
        None,
    )
    assert sent.request_counts.to_dict() == {"processing": 2, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0}
    assert sent.expires_at - sent.created_at == timedelta(hours=24)

    work(sent.id)

    batch = batches.retrieve(sent.id)
    assert (batch.processing_status, batch.request_counts.succeeded) == ("ended", 2)
    found = results(developer, sent.id)
    assert {result.type for result in found.values()} == {"succeeded"}
    assert found["a"].message.content[0].text
    events = books.events(developer.account.id)
    assert [event["amount"] for event in events] == [half_of(event) for event in events]
    used = [result.message.usage for result in found.values()]
    assert sum(usage.output_tokens for usage in used) == sum(event["output"] + event["reasoning"] for event in events)
    assert sum(line.amount for line in Batch.objects.get().lines.all()) == books.spent(developer.account.id) > 0
    assert [each.id for each in batches.list(limit=1)] == [sent.id]


def test_a_line_that_is_refused_is_errored_in_the_dialects_own_shape(developer: Developer) -> None:
    sent = send(developer, request("good"), request("unknown", model="nobody"))

    work(sent.id)

    counts = developer.anthropic.messages.batches.retrieve(sent.id).request_counts
    error = results(developer, sent.id)["unknown"]
    assert (counts.succeeded, counts.errored) == (1, 1)
    assert (error.type, error.error.type, error.error.error.type) == ("errored", "error", "not_found_error")


def test_a_canceled_batch_ends_with_what_was_not_run(developer: Developer, books: Books) -> None:
    sent = send(developer, request("a"))

    canceling = developer.anthropic.messages.batches.cancel(sent.id)
    work(sent.id)

    assert (canceling.processing_status, bool(canceling.cancel_initiated_at)) == ("canceling", True)
    assert developer.anthropic.messages.batches.retrieve(sent.id).request_counts.canceled == 1
    assert results(developer, sent.id)["a"].type == "canceled"
    assert books.events(developer.account.id) == []


def test_a_batch_expires(developer: Developer) -> None:
    sent = send(developer, request("a"))
    Batch.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    advance_batch(Batch.objects.get().pk)

    assert results(developer, sent.id)["a"].type == "expired"


def test_results_and_deletion_wait_for_the_end(developer: Developer) -> None:
    batches = developer.anthropic.messages.batches
    sent = send(developer, request("a"))

    with pytest.raises(anthropic.BadRequestError, match="not ended"):
        batches.delete(sent.id)
    with pytest.raises(anthropic.AnthropicError, match="results_url"):
        batches.results(sent.id)
    work(sent.id)

    assert batches.delete(sent.id).type == "message_batch_deleted"
    with pytest.raises(anthropic.NotFoundError):
        batches.retrieve(sent.id)


@pytest.mark.parametrize(
    ("requests", "named"),
    [
        ([], "requests"),
        ([request("a b")], "requests.0.custom_id"),
        ([request("a"), request("a")], "requests.1.custom_id"),
        ([request("a"), {"custom_id": "b"}], "requests.1.params"),
        ([request("a", model=7)], "requests.0.params.model"),
        ([request("a", stream=True)], "requests.0.params.stream"),
        (["x"], "requests.0"),
    ],
)
def test_what_is_wrong_is_named(requests: list[Any], named: str, developer: Developer) -> None:
    with pytest.raises(anthropic.BadRequestError) as refused:
        send(developer, *requests)

    assert refused.value.body["error"]["param"] == named  # type: ignore[index]
    assert Batch.objects.count() == 0


def test_another_organization_finds_nothing(developer: Developer, developer_for: Callable[..., Developer]) -> None:
    sent = send(developer, request("a"))
    batches = developer_for("Eve's").anthropic.messages.batches

    assert batches.list().data == []
    for ask in (batches.retrieve, batches.cancel, batches.delete):
        with pytest.raises(anthropic.NotFoundError):
            ask(sent.id)


def test_a_version_is_needed_and_errors_have_the_dialects_shape(developer: Developer) -> None:
    url, key = f"{developer.url}/v1/messages/batches", {"x-api-key": developer.text}

    missing = httpx2.get(url, headers=key)
    unknown = httpx2.get(f"{url}/msgbatch_0", headers=key | {"anthropic-version": "2023-06-01"})

    assert (missing.status_code, unknown.status_code) == (400, 404)
    assert unknown.json()["type"] == "error"
    assert unknown.json()["request_id"] == unknown.headers["request-id"]


def test_pages_turn_both_ways(developer: Developer) -> None:
    batches = developer.anthropic.messages.batches
    ids = [send(developer, request("a")).id for _ in range(5)][::-1]

    assert [each.id for each in batches.list(limit=2)] == ids
    assert [each.id for each in batches.list(limit=2, before_id=ids[3]).data] == ids[1:3]
