"""A batch's line is called by our worker for the key that made the batch: at the tier batch, and charged once."""

import time
from dataclasses import replace
from uuid import UUID

import httpx2
import pytest

from core.ids import uuid7
from core.signed import Purpose, line_event, signed
from tests.gateway.books import Books
from tests.gateway.conftest import SIGNING_KEY
from tests.gateway.published import PRICE, PRICES, SPARK, Account, Publisher
from tests.gateway.serving import wait_until
from tests.gateway.test_hang_ups import BODY as STREAM_BODY
from tests.gateway.test_hang_ups import connect

BODY = {"model": "muse-half", "messages": [{"role": "user", "content": "Roads"}], "max_tokens": 5}
HALF = {name: price // 2 for name, price in PRICES.items()}


@pytest.fixture(autouse=True)
def half(published: Publisher) -> None:
    """A model that sells the tier batch."""
    published.model(replace(SPARK, slug="muse-half", prices=(replace(PRICE, tiers={"batch": HALF}),)))


def credential(account: Account, batch: UUID, line: int = 0, *, key: bytes = SIGNING_KEY, until: float = 0) -> str:
    words = [account.key.key_id, batch.hex, str(line)]
    return signed(Purpose.BATCH_LINE, words, key=key, until=until or time.time() + 60)


def call(gateway: str, text: str, body: object = None) -> httpx2.Response:
    headers = {"authorization": f"Bearer {text}"}
    return httpx2.post(f"{gateway}/v1/chat/completions", headers=headers, json=body or BODY, timeout=20)


def test_a_line_is_charged_once_at_the_price_of_its_tier(gateway: str, ada: Account, books: Books) -> None:
    batch = uuid7()

    answers = [call(gateway, credential(ada, batch, 7)) for _ in range(2)]

    (event,) = books.events(ada.id)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert event["id"] == line_event(batch, 7)
    assert {answer.headers["x-request-id"] for answer in answers} == {f"req_{event['id'].hex}"}
    assert event["service_tier"] == "batch"
    assert event["amount"] == sum(event[name] * price for name, price in HALF.items())
    assert books.spent(ada.id) == event["amount"]
    assert event["key_id"] == UUID(ada.key.id)


def test_the_answer_of_a_messages_line_says_its_tier(gateway: str, ada: Account) -> None:
    headers = {"authorization": f"Bearer {credential(ada, uuid7())}", "anthropic-version": "2023-06-01"}
    body = {"model": "muse-half", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}

    answer = httpx2.post(f"{gateway}/v1/messages", headers=headers, json=body, timeout=20)

    assert answer.json()["usage"]["service_tier"] == "batch"


def test_a_model_that_sells_no_batches_is_refused(gateway: str, ada: Account, books: Books) -> None:
    refused = call(gateway, credential(ada, uuid7()), BODY | {"model": "muse-spark"})

    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_request")
    assert "'batch'" in refused.json()["error"]["message"]
    assert books.events(ada.id) == []


def test_a_credential_that_is_forged_or_old_is_no_key(gateway: str, ada: Account) -> None:
    forged = credential(ada, uuid7(), key=bytes(32))
    old = credential(ada, uuid7(), until=time.time() - 2)

    assert [call(gateway, text).status_code for text in (forged, old)] == [401, 401]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"status": "revoked"}, 401, "revoked_api_key"),
        ({"status": "disabled"}, 401, "disabled_api_key"),
        ({"expires_at": 1.0}, 401, "expired_api_key"),
        ({"scopes": ("models",)}, 403, "scope_missing"),
        ({"networks": ("203.0.113.0/24",)}, 200, None),
    ],
)
def test_the_key_is_judged_for_each_line_but_not_its_address(
    gateway: str, ada: Account, published: Publisher, changed: dict[str, object], status: int, code: str | None
) -> None:
    published.account(replace(ada, key=replace(ada.key, version=2, **changed)), micros=None)  # type: ignore[arg-type]

    answer = call(gateway, credential(ada, uuid7()))

    assert answer.status_code == status
    assert answer.json().get("error", {}).get("code") == code


def test_a_line_that_broke_off_is_free_and_can_be_tried_again(gateway: str, ada: Account, books: Books) -> None:
    text = credential(ada, uuid7())
    whole = STREAM_BODY.replace("true", "false").replace("muse-spark", "muse-half")
    with connect(gateway, replace(ada, token=Shown(text)), whole):  # type: ignore[arg-type]
        wait_until(lambda: httpx2.get(f"{gateway}/healthz").json()["in_flight"] == 1)
    wait_until(lambda: httpx2.get(f"{gateway}/healthz").json()["in_flight"] == 0)
    assert books.events(ada.id) == []

    answer = call(gateway, text)

    (event,) = books.events(ada.id)
    assert event["output"] == answer.json()["usage"]["completion_tokens"]


class Shown:
    """What stands for a key."""

    def __init__(self, text: str) -> None:
        self.text = text
