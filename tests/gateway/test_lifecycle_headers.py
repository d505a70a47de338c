"""A model that will be retired says so on every answer about it, refusals included."""

from dataclasses import replace

import httpx2
import pytest

from tests.gateway.published import SPARK, Account, Publisher

OLD = replace(SPARK, slug="muse-old", lifecycle="deprecated", deprecated_at=1_790_000_000.0, retires_at=1_800_000_000.0)
BODY = {"model": "muse-old", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}


@pytest.mark.parametrize("stream", [False, True])
def test_calls_of_it_are_told(gateway: str, published: Publisher, ada: Account, stream: bool) -> None:
    published.model(OLD)
    key = {"authorization": f"Bearer {ada.token.text}"}

    answers = [
        httpx2.post(f"{gateway}/v1/chat/completions", json=BODY | {"stream": stream}, headers=key),
        httpx2.post(f"{gateway}/v1/chat/completions", json=BODY | {"max_tokens": 10**9}, headers=key),
        httpx2.get(f"{gateway}/v1/models/muse-old", headers=key),
    ]

    assert [answer.status_code for answer in answers][1:] == [400, 200]
    for answer in answers:
        assert answer.headers["deprecation"] == "@1790000000"
        assert answer.headers["sunset"] == "Fri, 15 Jan 2027 08:00:00 GMT"
        assert 'rel="deprecation"' in answer.headers["link"]
        assert 'rel="sunset"' in answer.headers["link"]


def test_others_are_not(gateway: str, ada: Account) -> None:
    key = {"authorization": f"Bearer {ada.token.text}"}

    answer = httpx2.get(f"{gateway}/v1/models/muse-spark", headers=key)

    assert not {"deprecation", "sunset", "link"} & set(answer.headers)
