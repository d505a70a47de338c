"""Chat completions, embeddings and models, as callers of OpenAI's SDK see them."""

from typing import Any

import pytest

from tests.conformance.sdk import Sdk
from tests.gateway.books import Books
from tests.gateway.published import Account

ASK: dict[str, Any] = {"model": "muse-spark", "messages": [{"role": "user", "content": "Tell me about bridges"}]}


def test_ids_are_those_of_the_books(openai: Sdk, ada: Account, books: Books) -> None:
    called = openai.create("chat.completions.create", **ASK)

    (event,) = books.events(ada.id)
    ids = {called.request_id, called.headers["x-request-id"], called.headers["request-id"]}
    assert ids == {f"req_{event['id'].hex}"}


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("asks", [True, False])
def test_usage_is_streamed_only_to_those_who_ask_and_counted_alike(
    openai: Sdk, ada: Account, books: Books, asks: bool, is_async: bool
) -> None:
    options: dict[str, Any] = {"stream_options": {"include_usage": True}} if asks else {}
    whole = openai.create("chat.completions.create", **ASK).value["usage"]

    chunks = openai.events("chat.completions.create", is_async=is_async, **ASK, **options).events

    usages = [chunk["usage"] for chunk in chunks if chunk.get("usage")]
    assert usages == ([whole] if asks else [])
    one, other = books.events(ada.id)
    assert (one["input"], one["output"]) == (other["input"], other["output"])
    assert (one["input"], one["output"]) == (whole["prompt_tokens"], whole["completion_tokens"])


def test_embeddings_are_floats_however_they_travel(openai: Sdk) -> None:
    """The SDK silently asks for base64 where the caller names no encoding."""
    silent = openai.create("embeddings.create", model="muse-embed", input="a toll").value
    floats = openai.create("embeddings.create", model="muse-embed", input="a toll", encoding_format="float").value

    assert silent["data"][0]["embedding"] == pytest.approx(floats["data"][0]["embedding"], abs=1e-6)
    assert silent["usage"] == floats["usage"]


def test_a_model_is_shown_in_openais_shape(openai: Sdk) -> None:
    model = openai.create("models.retrieve", "muse-spark").value

    assert (model["object"], model["owned_by"], model["created"]) == ("model", "muse", 1_767_225_600)
