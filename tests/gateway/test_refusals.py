"""Each refusal code has its place in the table, and tells the SDKs rightly whether to try again."""

import msgspec
import pytest
from anthropic._error_classes import ERROR_CLASSES

from core.refusals import TABLE, Waiting
from core.verdict import Refusal, Verdict
from gateway.refusals import body_of, headers_of, link_of, status_of, stream_frame
from gateway.surfaces.anthropic import ANTHROPIC, TYPES


def test_anthropics_codes_are_those_of_its_sdk() -> None:
    """A status or code of its own is given only where the SDK has a class for the pair."""
    for code, terms in TABLE.items():
        if terms.anthropic_status or terms.anthropic_code:
            pair = ANTHROPIC.status_of(Verdict(code, "")), terms.anthropic_code
            assert pair in ERROR_CLASSES


@pytest.mark.parametrize("code", Refusal)
def test_anthropics_type_is_that_of_the_status(code: Refusal) -> None:
    verdict = Verdict(code, "Because.")

    error = msgspec.json.decode(ANTHROPIC.refusal(verdict, request_id="req_1", url="https://mend.it"))["error"]

    assert error["type"] == TYPES.get(ANTHROPIC.status_of(verdict), "invalid_request_error")
    assert error["url"] == "https://mend.it"


def test_what_the_portal_mends_is_linked_there_and_the_rest_is_explained() -> None:
    def link(code: Refusal) -> str:
        return link_of(Verdict(code, ""), portal_url="https://p")

    assert link(Refusal.CREDIT_EXHAUSTED) == "https://p/billing/"
    assert link(Refusal.BODY_TOO_LARGE) == "https://p/docs/#request_too_large"


@pytest.mark.parametrize("code", Refusal)
def test_bodies_are_openais(code: Refusal) -> None:
    body = msgspec.json.decode(body_of(Verdict(code, "Because.", param="model")))

    assert body["error"] | {"message": "Because.", "param": "model", "code": code.value} == body["error"]
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert 400 <= status_of(Verdict(code, "")) < 600


@pytest.mark.parametrize("code", Refusal)
def test_a_conflict_is_never_tried_again_and_nothing_is_a_timeout(code: Refusal) -> None:
    """The SDKs repeat both; x-should-retry alone keeps them from it."""
    assert status_of(Verdict(code, "")) != 408
    assert status_of(Verdict(code, "")) != 409 or TABLE[code].waiting == Waiting.IS_VAIN


def test_who_need_not_wait_is_told_not_to_try_again() -> None:
    assert headers_of(Verdict(Refusal.CREDIT_EXHAUSTED, "")) == [(b"x-should-retry", b"false")]


@pytest.mark.parametrize(
    ("seconds", "whole", "milliseconds"), [(0.05, b"1", b"50"), (1.2, b"2", b"1200"), (86_400, b"60", b"60000")]
)
def test_waiting_is_told_twice_and_is_a_minute_at_most(seconds: float, whole: bytes, milliseconds: bytes) -> None:
    headers = headers_of(Verdict(Refusal.REQUESTS_PER_MINUTE, "", retry_after=seconds))

    assert headers == [(b"retry-after", whole), (b"retry-after-ms", milliseconds)]


def test_the_limit_is_told_in_the_body() -> None:
    limit: dict[str, object] = {"node": "organization", "limit": 60, "used": 60}

    body = msgspec.json.decode(body_of(Verdict(Refusal.REQUESTS_PER_MINUTE, "", limit=limit)))

    assert body["error"]["limit"] == limit


def test_inside_a_stream_it_is_a_frame() -> None:
    frame = stream_frame(Verdict(Refusal.UPSTREAM_UNAVAILABLE, "Gone."))

    assert frame.startswith(b'data: {"error":{"message":"Gone."')
    assert frame.endswith(b"}\n\n")
