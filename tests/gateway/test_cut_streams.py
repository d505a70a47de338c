"""The streams of a key that is revoked are cut within a second; what was delivered is charged."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import openai
import pytest

from core.wire import KeyFacts, OrganizationFacts
from tests.gateway.books import Books
from tests.gateway.conftest import Sdk
from tests.gateway.published import Account, Publisher, new_account
from tests.gateway.serving import wait_until

LONG = "Roads in 4000 words"


def stream_of(sdk: openai.OpenAI) -> Any:
    return sdk.chat.completions.create(
        model="muse-spark", stream=True, messages=[{"role": "user", "content": LONG}], max_tokens=4_000
    )


def revoked(key: KeyFacts) -> KeyFacts:
    return replace(key, status="revoked", version=key.version + 1)


@pytest.mark.parametrize(
    ("status", "code"), [("revoked", "revoked_api_key"), ("disabled", "disabled_api_key"), ("frozen", "frozen_api_key")]
)
def test_running_streams_end_with_the_reason(
    published: Publisher, ada: Account, sdk: openai.OpenAI, books: Books, status: str, code: str
) -> None:
    stream = stream_of(sdk)
    for _ in range(3):
        next(stream)

    published.account(replace(ada, key=replace(ada.key, status=status, version=2)))
    cut_at = time.monotonic()
    with pytest.raises(openai.APIError) as refused:
        list(stream)

    assert refused.value.code == code
    assert time.monotonic() - cut_at < 1
    wait_until(lambda: len(books.events(ada.id)) == 1)
    (event,) = books.events(ada.id)
    assert event["outcome"] == "aborted"
    assert 0 < event["output"] < 4_000
    assert books.spent(ada.id) == event["amount"]


def test_a_suspended_organization_is_cut_too(published: Publisher, ada: Account, sdk: openai.OpenAI) -> None:
    stream = stream_of(sdk)
    next(stream)

    suspended: OrganizationFacts = replace(ada.organization, status="suspended", version=2)
    published.account(replace(ada, organization=suspended))

    with pytest.raises(openai.APIError) as refused:
        list(stream)
    assert refused.value.code == "organization_suspended"


def test_other_keys_go_on(
    published: Publisher, ada: Account, sdk: openai.OpenAI, books: Books, sdk_for: Callable[[str], Sdk]
) -> None:
    stream = sdk.chat.completions.create(
        model="muse-spark", stream=True, messages=[{"role": "user", "content": "Roads in 60 words"}]
    )
    next(stream)

    other = published.account(new_account())
    published.account(replace(other, key=revoked(other.key)))

    assert [chunk.choices[0].finish_reason for chunk in stream if chunk.choices][-1] == "stop"


def test_what_was_cut_before_its_first_byte_is_free(
    published: Publisher, ada: Account, sdk_for: Callable[[str], Sdk], books: Books
) -> None:
    """The whole answer of a request that doesn't stream was never delivered."""
    sdk = sdk_for(ada.token.text).client
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(
            lambda: sdk.chat.completions.create(
                model="muse-spark", messages=[{"role": "user", "content": LONG}], max_tokens=4_000
            )
        )
        time.sleep(0.4)
        published.account(replace(ada, key=revoked(ada.key)))

        with pytest.raises(openai.AuthenticationError) as refused:
            call.result()

    assert refused.value.code == "revoked_api_key"
    assert books.events(ada.id) == []
