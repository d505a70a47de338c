"""Refusals, limits and models in the shape of each family of SDKs."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from core.verdict import Refusal, Verdict
from gateway.admit import Reservation, Room
from gateway.surfaces.anthropic import ANTHROPIC
from gateway.surfaces.anthropic_models import page_of
from gateway.surfaces.choice import surface_of
from gateway.surfaces.openai import OPENAI
from tests.gateway.published import SPARK

MODELS = [replace(SPARK, slug=f"m{number}") for number in range(5)]
RESERVATION = Reservation(1, 2, 3, Room(60, 59, 1000), Room(1000, 900, 50), Room(None, -1, 0))


def body(verdict: Verdict) -> dict[str, Any]:
    return dict(msgspec.json.decode(ANTHROPIC.refusal(verdict, request_id="req_1")))


@pytest.mark.parametrize(
    ("path", "headers", "surface"),
    [
        ("/v1/chat/completions", [(b"anthropic-version", b"2023-06-01")], OPENAI),
        ("/v1/messages", [], ANTHROPIC),
        ("/v1/messages/count_tokens", [], ANTHROPIC),
        ("/v1/messages-of-another-house", [], OPENAI),
        ("/v1/models", [], OPENAI),
        ("/v1/models", [(b"anthropic-version", b"2023-06-01")], ANTHROPIC),
        ("/v1/nothing", [], OPENAI),
    ],
)
def test_path_and_version_choose_the_surface(path: str, headers: list[tuple[bytes, bytes]], surface: object) -> None:
    assert surface_of(path, headers) is surface


@pytest.mark.parametrize("code", Refusal)
def test_every_code_has_anthropics_shape(code: Refusal) -> None:
    shown = body(Verdict(code, "Because.", param="model"))

    assert (shown["type"], shown["request_id"]) == ("error", "req_1")
    assert set(shown["error"]) == {"type", "message", "details", "param"}
    assert shown["error"]["details"]["error_code"]
    assert ANTHROPIC.status_of(Verdict(code, "")) != 408


@pytest.mark.parametrize(
    ("code", "status", "type_"),
    [
        (Refusal.INVALID_KEY, 401, "authentication_error"),
        (Refusal.CREDIT_EXHAUSTED, 402, "billing_error"),
        (Refusal.MODEL_NOT_GRANTED, 403, "permission_error"),
        (Refusal.MODEL_NOT_FOUND, 404, "not_found_error"),
        (Refusal.BODY_TOO_LARGE, 413, "invalid_request_error"),
        (Refusal.CREDIT_RESERVED, 429, "rate_limit_error"),
        (Refusal.UPSTREAM_TIMEOUT, 504, "timeout_error"),
    ],
)
def test_statuses_have_anthropics_types(code: Refusal, status: int, type_: str) -> None:
    assert (ANTHROPIC.status_of(Verdict(code, "")), body(Verdict(code, ""))["error"]["type"]) == (status, type_)


def test_the_limit_is_told_in_the_body() -> None:
    assert body(Verdict(Refusal.CREDIT_EXHAUSTED, "", limit={"limit": "0.00"}))["error"]["limit"] == {"limit": "0.00"}


def test_limits_are_told_with_instants() -> None:
    told = dict(ANTHROPIC.limits(RESERVATION))

    assert told[b"anthropic-ratelimit-requests-remaining"] == b"59"
    assert told[b"anthropic-ratelimit-input-tokens-limit"] == b"1000"
    assert told[b"anthropic-ratelimit-requests-reset"].endswith(b"Z")
    assert not any(b"output-tokens" in name for name in told)


def test_a_rate_that_refused_is_told_too() -> None:
    facts: dict[str, object] = {"unit": "input tokens per minute", "limit": 600, "used": 300, "reset_seconds": 1.0}
    verdict = Verdict(Refusal.INPUT_TOKENS_PER_MINUTE, "", retry_after=1, limit=facts)

    assert dict(OPENAI.limits_of(verdict)) == {
        b"x-ratelimit-limit-tokens": b"600",
        b"x-ratelimit-remaining-tokens": b"300",
        b"x-ratelimit-reset-tokens": b"30s",
    }
    assert dict(ANTHROPIC.limits_of(verdict))[b"anthropic-ratelimit-input-tokens-remaining"] == b"300"


@pytest.mark.parametrize("code", [Refusal.CREDIT_EXHAUSTED, Refusal.INVALID_REQUEST])
def test_other_refusals_tell_no_rate(code: Refusal) -> None:
    verdict = Verdict(code, "", limit={"limit": "1.00", "used": "1.00"})

    assert OPENAI.limits_of(verdict) == ANTHROPIC.limits_of(verdict) == []


@pytest.mark.parametrize(
    ("query", "slugs", "has_more"),
    [
        ({}, ["m0", "m1", "m2", "m3", "m4"], False),
        ({"limit": "2"}, ["m0", "m1"], True),
        ({"limit": "2", "after_id": "m1"}, ["m2", "m3"], True),
        ({"limit": "2", "after_id": "m2"}, ["m3", "m4"], False),
        ({"limit": "2", "before_id": "m3"}, ["m1", "m2"], True),
        ({"after_id": "m4"}, [], False),
    ],
)
def test_models_come_in_pages(query: dict[str, str], slugs: list[str], has_more: bool) -> None:
    page: Any = page_of(MODELS, query)

    assert ([model["id"] for model in page["data"]], page["has_more"]) == (slugs, has_more)
    assert (page["first_id"], page["last_id"]) == ((slugs[0], slugs[-1]) if slugs else (None, None))


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "many"}, {"limit": "1001"}, {"after_id": "none"}, {"before_id": "x"}]
)
def test_a_page_that_isnt_there_is_refused_by_name(query: dict[str, str]) -> None:
    refused = page_of(MODELS, query)

    assert isinstance(refused, Verdict)
    assert refused.param == next(iter(query))


def test_a_model_says_how_long_it_lives() -> None:
    old = replace(SPARK, lifecycle="deprecated", deprecated_at=1_767_225_600.0, retires_at=1_798_761_600.0)

    assert OPENAI.model(SPARK)["shutdown_date"] is None
    assert OPENAI.model(old)["shutdown_date"] == "2027-01-01"
    assert ANTHROPIC.model(SPARK)["lifecycle"] == "active"
    shown = ANTHROPIC.model(old)
    assert (shown["lifecycle"], shown["deprecated_at"]) == ("deprecated", "2026-01-01T00:00:00Z")
    assert shown["retires_at"] == "2027-01-01T00:00:00Z"
