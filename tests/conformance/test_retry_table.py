"""Every refusal code, as each SDK meets it: which class it raises, and how often it tries."""

from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from core.refusals import TABLE, Waiting
from core.verdict import Refusal, Verdict
from gateway.client import Client
from gateway.request_body import read_body
from gateway.surfaces.choice import surface_of
from tests.conformance.sdk import Called, Sdk
from tests.gateway.serving import served

PROMPT: Any = [{"role": "user", "content": "Hi"}]
SECONDS = 0.02
CLASSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    402: "APIStatusError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    405: "APIStatusError",
    409: "ConflictError",
    413: "APIStatusError",
    429: "RateLimitError",
}


async def refusing(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Refuses each call with the code that its path begins with, written by the gateway's own surfaces."""
    _, code, path = scope["path"].split("/", 2)
    await read_body([], receive, most=1_000_000, seconds=10)
    surface = surface_of(f"/{path}", scope["headers"])
    wait = SECONDS if TABLE[Refusal(code)].waiting != Waiting.IS_VAIN else None
    client = Client(send, "req_1", surface, portal_url="https://portal.test")
    await client.refuse(Verdict(Refusal(code), "Because.", retry_after=wait))


@pytest.fixture(scope="session")
def refuses() -> Iterator[str]:
    config = uvicorn.Config(refusing, port=0, ws="none", log_level="critical", lifespan="off")
    with served(config) as url:
        yield url


@pytest.mark.parametrize("code", Refusal)
def test_openais_callers(openai_process: Sdk, refuses: str, code: Refusal) -> None:
    openai_process.client = {"api_key": "sk-1", "base_url": f"{refuses}/{code}/v1"}

    called = openai_process.refused("chat.completions.create", model="m", messages=PROMPT)

    terms = TABLE[code]
    assert_tried(called, code)
    assert (called.raised["status_code"], called.raised["code"]) == (terms.status, code.value)
    assert CLASSES.get(terms.status, "InternalServerError") in called.raised["bases"]
    assert called.raised["body"]["url"].startswith("https://portal.test/")


@pytest.mark.parametrize("code", Refusal)
def test_anthropics_callers(anthropic_process: Sdk, refuses: str, code: Refusal) -> None:
    anthropic_process.client = {"api_key": "sk-1", "base_url": f"{refuses}/{code}"}

    called = anthropic_process.refused("messages.create", model="m", messages=PROMPT, max_tokens=5)

    terms = TABLE[code]
    status = terms.anthropic_status or terms.status
    assert_tried(called, code)
    assert called.raised["status_code"] == status
    assert CLASSES.get(status, "InternalServerError") in called.raised["bases"]
    assert called.raised["body"]["error"]["details"]["error_code"] == (terms.anthropic_code or code.value)
    if anthropic_process.major >= 2:
        assert called.raised["error_code"] == (terms.anthropic_code or code.value)
        assert called.raised["request_id"] == "req_1"


def assert_tried(called: Called, code: Refusal) -> None:
    helps = TABLE[code].waiting != Waiting.IS_VAIN
    headers = called.raised["headers"]
    assert called.attempts == (3 if helps else 1)
    assert ("retry-after" in headers) is helps
    assert int(headers.get("retry-after", "0")) <= 60
    assert headers.get("x-should-retry") == (None if helps else "false")
