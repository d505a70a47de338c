"""A model server that is silent for too long, or that uses more than it was asked to."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.server import configured
from gateway.settings import Settings
from tests.gateway.books import Books
from tests.gateway.published import Account
from tests.gateway.serving import served, wait_until


@pytest.fixture
def impatient(gateway_settings: Settings, tmp_path: Path) -> Iterator[str]:
    """A gateway that gives a model server 0.4 seconds."""
    settings = replace(gateway_settings, port=0, journal=tmp_path / "journal", upstream_timeout=0.4, keep_alive=5)
    with served(configured(settings)) as url:
        wait_until(lambda: httpx2.get(f"{url}/healthz").status_code == 200)
        yield url


def call(url: str, account: Account, model: str, **options: Any) -> httpx2.Response:
    body = {"model": model, "messages": [{"role": "user", "content": "Roads"}]} | options
    key = {"x-api-key": account.token.text}
    return httpx2.post(f"{url}/v1/chat/completions", json=body, headers=key, timeout=10)


def test_silence_before_the_first_byte_is_504_and_free(impatient: str, ada: Account, books: Books) -> None:
    answer = call(impatient, ada, "demo-slow", stream=True)

    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "upstream_timeout")
    assert books.events(ada.id) == []


def test_silence_in_the_middle_is_an_error_frame(
    gateway: str, ada: Account, books: Books, odd: Callable[..., str]
) -> None:
    answer = call(gateway, ada, odd("never-ends", read_timeout=0.4), stream=True)

    (event,) = books.events(ada.id)
    assert '"upstream_timeout"' in answer.text.split("\n\n")[-2]
    assert (event["outcome"], event["output"]) == ("upstream_failed", 1)


def test_more_than_was_asked_for_is_charged_and_reported(
    gateway: str, ada: Account, books: Books, odd: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    call(gateway, ada, odd("usual"), stream=True, max_tokens=1)
    call(gateway, ada, odd("uses-too-much"), max_tokens=1)

    logged = ""

    def is_reported() -> bool:
        nonlocal logged
        logged += capsys.readouterr().out
        return "exchange.HOLD_EXCEEDED" in logged

    wait_until(is_reported)
    assert [event["output"] for event in books.events(ada.id)] == [2, 5_000]
