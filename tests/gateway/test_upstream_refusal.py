"""What callers learn of a model server's refusal, whichever dialect it speaks."""

import json

import pytest

from core.verdict import Refusal
from gateway.upstream_refusal import judge

NAMES = {"messages": "input", "max_tokens": "max_output_tokens"}


def body(error: object) -> bytes:
    return json.dumps({"error": error}).encode()


@pytest.mark.parametrize(
    ("told", "message", "param"),
    [
        (body({"message": "Too long.", "param": "messages"}), "Too long.", "input"),
        (body({"message": "Odd.", "param": "messages[3].content"}), "Odd.", "input"),
        (body({"message": "Odd.", "param": "seed"}), "Odd.", "seed"),
        (body({"message": "Odd.", "param": ["a"]}), "Odd.", None),
        (body("No"), "No", None),
        (
            body({"type": "invalid_request_error", "message": "max_tokens: must be at least 1"}),
            "max_tokens: must be at least 1",
            "max_output_tokens",
        ),
        (body({"message": "messages.0.content: Field required"}), "messages.0.content: Field required", "input"),
        (b'{"object": "error", "message": "Too long.", "param": null}', "Too long.", None),
        (b'{"detail": "Bad."}', "Bad.", None),
        (b"<html>", "The model server refused the request (400).", None),
        (b"", "The model server refused the request (400).", None),
    ],
)
def test_the_callers_own_mistake_is_told_in_its_words(told: bytes, message: str, param: str | None) -> None:
    verdict = judge(400, told, renamed=NAMES)

    assert (verdict.code, verdict.message, verdict.param) == (Refusal.UPSTREAM_REFUSED, message, param)
    assert verdict.retry_after is None


def test_without_a_translation_the_field_keeps_its_whole_name() -> None:
    assert judge(400, body({"message": "", "param": "messages[3].content"}), renamed={}).param == "messages[3].content"


def test_a_body_that_is_too_large_says_so() -> None:
    assert judge(413, body({"message": "Too much."}), renamed={}).code == Refusal.BODY_TOO_LARGE


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503, 529])
def test_the_operators_troubles_stay_the_operators(status: int) -> None:
    verdict = judge(status, body({"message": "Operator's key is wrong."}), renamed={})

    assert verdict.code == Refusal.UPSTREAM_UNAVAILABLE
    assert "Operator" not in verdict.message
    assert verdict.retry_after == 1
