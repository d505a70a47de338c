"""What a gateway's answer means for a line and its batch."""

import json
from typing import Any

import pytest

from batches.judge_answer import MOST_TRIES, Fate, judge_answer
from batches.line_usage import LineUsage, picos_of, usage_of_receipt
from batches.send import Answer
from core.refusals import TABLE
from core.verdict import Refusal

CHAT = "/v1/chat/completions"
FINAL = {"x-should-retry": "false"}


def refused(code: str, status: int, *, dialect: str = "openai", **headers: str) -> Answer:
    error: dict[str, Any] = {"code": code} if dialect == "openai" else {"details": {"error_code": code}}
    return Answer(status, headers or FINAL, json.dumps({"error": error}).encode())


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
@pytest.mark.parametrize(
    ("code", "status", "fate"),
    [
        ("model_not_found", 404, Fate.ERRORED),
        ("invalid_request", 400, Fate.ERRORED),
        ("credit_balance_exhausted", 429, Fate.ENDS_THE_BATCH),
        ("revoked_api_key", 401, Fate.ENDS_THE_BATCH),
        ("disabled_api_key", 401, Fate.ENDS_THE_BATCH),
        ("expired_api_key", 401, Fate.ENDS_THE_BATCH),
        ("organization_suspended", 403, Fate.ENDS_THE_BATCH),
    ],
)
def test_a_refusal_is_the_lines_own_or_ends_the_batch(dialect: str, code: str, status: int, fate: Fate) -> None:
    assert judge_answer(refused(code, status, dialect=dialect), endpoint=CHAT, tries=0).fate is fate


@pytest.mark.parametrize(
    ("node", "fate"), [("project", Fate.ENDS_THE_BATCH), ("model", Fate.ERRORED), ("end_customer", Fate.ERRORED)]
)
@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_a_budget_of_all_lines_ends_the_batch_and_one_of_some_does_not(dialect: str, node: str, fate: Fate) -> None:
    code = Refusal(f"{node}_spend_limit_exceeded")
    told = TABLE[code].anthropic_code or code
    error: dict[str, Any] = {"code": code} if dialect == "openai" else {"details": {"error_code": told}}
    body = json.dumps({"error": error | {"limit": {"node": node}}}).encode()

    assert judge_answer(Answer(429, FINAL, body), endpoint=CHAT, tries=0).fate is fate


@pytest.mark.parametrize("code", ["model_paused", "requests_per_day_exceeded"])
def test_a_batch_waits_for_what_hours_may_mend(code: str) -> None:
    judged = judge_answer(refused(code, 503), endpoint=CHAT, tries=99)

    assert (judged.fate, judged.wait) == (Fate.AGAIN, 60.0)


@pytest.mark.parametrize("code", ["requests_per_minute_exceeded", "service_unavailable", "credit_balance_reserved"])
def test_what_waiting_mends_is_sent_again_for_as_long_as_it_takes(code: str) -> None:
    answer = refused(code, 429, **{"retry-after": "2", "retry-after-ms": "1500"})

    judged = judge_answer(answer, endpoint=CHAT, tries=99)

    assert (judged.fate, judged.wait, judged.is_try) == (Fate.AGAIN, 1.5, False)


def test_a_line_that_the_model_server_fails_is_given_up_at_last() -> None:
    answer = refused("upstream_unavailable", 502, **{"retry-after-ms": "1000"})

    fates = [judge_answer(answer, endpoint=CHAT, tries=tries).fate for tries in range(MOST_TRIES)]

    assert fates == [*[Fate.AGAIN] * (MOST_TRIES - 1), Fate.ERRORED]


def test_what_no_gateway_says_is_sent_again() -> None:
    page = Answer(502, {"content-type": "text/html"}, b"<html>Bad gateway</html>")

    assert judge_answer(page, endpoint=CHAT, tries=0).fate is Fate.AGAIN


@pytest.mark.parametrize(
    ("endpoint", "usage", "expected"),
    [
        (
            CHAT,
            {
                "prompt_tokens": 9,
                "prompt_tokens_details": {"cached_tokens": 4},
                "completion_tokens": 7,
                "completion_tokens_details": {"reasoning_tokens": 2},
            },
            (9, 4, 7, 2),
        ),
        (CHAT, {"prompt_tokens": 9, "completion_tokens": 7, "prompt_tokens_details": None}, (9, 0, 7, 0)),
        (
            "/v1/responses",
            {"input_tokens": 5, "output_tokens": 6, "output_tokens_details": {"reasoning_tokens": 1}},
            (5, 0, 6, 1),
        ),
        ("/v1/embeddings", {"prompt_tokens": 3, "total_tokens": 3}, (3, 0, 0, 0)),
        (
            "/v1/messages",
            {
                "input_tokens": 1,
                "cache_read_input_tokens": 2,
                "cache_creation_input_tokens": 3,
                "output_tokens": 4,
                "output_tokens_details": {"thinking_tokens": 2},
            },
            (6, 2, 4, 2),
        ),
    ],
)
def test_usage_is_read_in_each_dialect(endpoint: str, usage: Any, expected: tuple[int, int, int, int]) -> None:
    answer = Answer(200, {"x-request-cost": "0.000000000012"}, json.dumps({"usage": usage}).encode())

    judged = judge_answer(answer, endpoint=endpoint, tries=0)

    assert (judged.fate, judged.usage) == (Fate.SUCCEEDED, LineUsage(*expected, 12))


@pytest.mark.parametrize(
    "answer",
    [Answer(200, {"x-request-cost": "1"}, b"no json"), Answer(200, {}, b"{}"), Answer(200, {}, b'{"usage":{}}')],
)
def test_a_success_without_usage_is_none(answer: Answer) -> None:
    assert judge_answer(answer, endpoint=CHAT, tries=0).fate is Fate.AGAIN
    assert judge_answer(answer, endpoint=CHAT, tries=MOST_TRIES - 1).fate is Fate.ERRORED


def test_the_tightest_limit_counts() -> None:
    headers = {
        "x-request-cost": "0",
        "x-ratelimit-limit-requests": "100",
        "x-ratelimit-remaining-requests": "90",
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": "250",
        "anthropic-ratelimit-requests-limit": "10",
        "anthropic-ratelimit-requests-remaining": "8",
    }
    body = json.dumps({"usage": {"prompt_tokens": 1}}).encode()

    assert judge_answer(Answer(200, headers, body), endpoint=CHAT, tries=0).room == 0.25


def test_a_receipt_says_the_same_in_classes() -> None:
    lines = [("input", 5), ("cache_read", 3), ("output", 4), ("reasoning", 2)]
    receipt = {"lines": [{"class": name, "quantity": count} for name, count in lines], "amount": "0.000000000700"}

    assert usage_of_receipt(receipt) == LineUsage(8, 3, 6, 2, amount=700)


def test_nothing_is_finer_than_a_picodollar() -> None:
    with pytest.raises(ValueError, match="finer"):
        picos_of("0.0000000000001")
