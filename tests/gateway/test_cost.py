"""What a request cost stands where its usage is shown, exactly, and nowhere else."""

import json
from typing import Any

import httpx2
import pytest

from core.money import decimal_of_picos
from tests.gateway.books import Books
from tests.gateway.published import Account
from tests.gateway.test_service_tiers import BODIES as OPENAIS

BODIES = OPENAIS | {"/v1/messages": OPENAIS["/v1/chat/completions"]}
VERSION = {"anthropic-version": "2023-06-01"}


def usages_in(text: str) -> list[dict[str, Any]]:
    payloads = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
    found = [payload.get("usage") or (payload.get("response") or {}).get("usage") for payload in payloads]
    return [usage for usage in found if usage]


@pytest.mark.parametrize("path", BODIES)
def test_whole_answers_and_streams_tell_it(gateway: str, ada: Account, books: Books, path: str) -> None:
    headers = VERSION | {"authorization": f"Bearer {ada.token.text}"}
    body = BODIES[path] | {"model": "muse-spark"}
    asks = {"stream": True} | ({"stream_options": {"include_usage": True}} if "chat" in path else {})

    whole = httpx2.post(f"{gateway}{path}", json=body, headers=headers)
    stream = httpx2.post(f"{gateway}{path}", json=body | asks, headers=headers)

    one, other = books.events(ada.id)
    assert whole.headers["x-request-cost"] == f"{decimal_of_picos(one['amount']).normalize():f}"
    assert f'"cost":{whole.headers["x-request-cost"]},' in whole.text
    assert usages_in(stream.text)[-1]["cost"] == pytest.approx(float(decimal_of_picos(other["amount"])), rel=1e-12)


def test_who_asks_for_no_usage_sees_no_cost(gateway: str, ada: Account) -> None:
    body = BODIES["/v1/chat/completions"] | {"model": "muse-spark", "stream": True}

    stream = httpx2.post(
        f"{gateway}/v1/chat/completions", json=body, headers={"authorization": f"Bearer {ada.token.text}"}
    )

    assert "cost" not in stream.text
