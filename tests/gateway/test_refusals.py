"""Each refusal code has its place in the table, and tells the SDKs rightly whether to try again."""

import msgspec
import pytest

from core.verdict import Refusal, Verdict
from gateway.refusals import TABLE, body_of, headers_of, status_of, stream_frame


def test_every_code_has_a_status() -> None:
    assert set(TABLE) == set(Refusal)


@pytest.mark.parametrize("code", Refusal)
def test_bodies_are_openais(code: Refusal) -> None:
    body = msgspec.json.decode(body_of(Verdict(code, "Because.", param="model")))

    assert body["error"] | {"message": "Because.", "param": "model", "code": code.value} == body["error"]
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert 400 <= status_of(Verdict(code, "")) < 600


@pytest.mark.parametrize("code", Refusal)
def test_no_status_makes_an_sdk_repeat_a_conflict_or_a_timeout(code: Refusal) -> None:
    assert status_of(Verdict(code, "")) not in (408, 409)


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
