"""What each refusal means to callers: one table, by code, from which gateways answer and every page is made.

Statuses and types are those that the SDKs' own rules act on. A refusal that waiting a few seconds mends is tried again
by the SDKs; every other one says `x-should-retry: false`.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.verdict import Refusal


class Waiting(StrEnum):
    """Whether the same request may pass a few seconds later; `SOMETIMES` is said by the answer's own headers."""

    HELPS = "yes"
    SOMETIMES = "at times"
    IS_VAIN = "no"


class Page(StrEnum):
    """Where on the portal a refusal is mended."""

    KEYS = "/keys/"
    BILLING = "/billing/"
    LIMITS = "/limits/"
    MODELS = "/models/"
    ORGANIZATION = "/organization/"
    END_CUSTOMERS = "/end-customers/"
    USAGE = "/usage/"
    DOCS = "/docs/"


@dataclass(frozen=True, slots=True)
class Terms:
    """`type` is OpenAI's `error.type`. On Anthropic's surface status and code differ only where they are given."""

    status: int
    type: str
    remedy: str
    page: Page = Page.DOCS
    waiting: Waiting = Waiting.IS_VAIN
    anthropic_status: int | None = None
    anthropic_code: str | None = None


def _key(remedy: str) -> Terms:
    return Terms(401, "authentication_error", remedy, Page.KEYS)


def _permission(remedy: str, page: Page, *, anthropic_code: str | None = None) -> Terms:
    return Terms(403, "permission_error", remedy, page, anthropic_code=anthropic_code)


def _request(remedy: str, *, status: int = 400) -> Terms:
    return Terms(status, "invalid_request_error", remedy)


def _rate(remedy: str) -> Terms:
    return Terms(429, "rate_limit_error", remedy, Page.LIMITS, Waiting.HELPS)


def _spend_limit(remedy: str) -> Terms:
    """The one spending refusal for which Anthropic's SDK has a class of its own."""
    return Terms(429, "insufficient_quota", remedy, Page.LIMITS, anthropic_code="enforced_spend_limit_reached")


def _ours(status: int, type_: str, remedy: str) -> Terms:
    return Terms(status, type_, remedy, Page.DOCS, Waiting.HELPS)


TABLE: dict[Refusal, Terms] = {
    Refusal.INVALID_REQUEST: _request("The field that the error names is missing or wrong."),
    Refusal.UPSTREAM_REFUSED: _request("The model server can’t do what was asked: its message says why."),
    Refusal.IDEMPOTENCY_KEY_REUSED: _request(
        "This Idempotency-Key came with another body before: make a new key for each request."
    ),
    Refusal.MISSING_KEY: _key("Send the key as “Authorization: Bearer …”."),
    Refusal.MALFORMED_KEY: _key("The key is mistyped: its checksum does not fit. Copy it again."),
    Refusal.INVALID_KEY: _key("No key like this exists here."),
    Refusal.EXPIRED_KEY: _key("The key’s day has come: make a new one."),
    Refusal.REVOKED_KEY: _key("The key was revoked for ever: make a new one."),
    Refusal.DISABLED_KEY: _key(
        "The key is switched off, or its project is archived: enable it on the keys page, or restore the project."
    ),
    Refusal.FROZEN_KEY: _key(
        "The key spent far more than it usually does, as leaked ones do: see why on its page, and enable it again."
    ),
    Refusal.MISMATCHED_ORGANIZATION: Terms(
        401, "invalid_request_error", "The key belongs to another organization than the header names.", Page.KEYS
    ),
    Refusal.MISMATCHED_PROJECT: Terms(
        401, "invalid_request_error", "The key belongs to another project than the header names.", Page.KEYS
    ),
    Refusal.ADMIN_KEY: _permission("An admin key manages, and calls no model: use a live or test key.", Page.KEYS),
    Refusal.ADDRESS_NOT_ALLOWED: _permission(
        "The key may not be used from this address: change its networks.", Page.KEYS
    ),
    # The one cause for which Anthropic's SDK has a class of its own.
    Refusal.SCOPE_MISSING: _permission("The key may not do this.", Page.KEYS, anthropic_code="api_key_scope_missing"),
    Refusal.ORGANIZATION_SUSPENDED: _permission("The organization is suspended: write to us.", Page.ORGANIZATION),
    Refusal.END_CUSTOMER_SUSPENDED: _permission(
        "The end customer that the request names is suspended; others are not.", Page.END_CUSTOMERS
    ),
    Refusal.MODEL_NOT_GRANTED: _permission(
        "The model exists, but is not open to your organization, or not to this key.", Page.MODELS
    ),
    Refusal.MODEL_NOT_FOUND: Terms(404, "invalid_request_error", "Take a slug from the list of models.", Page.MODELS),
    Refusal.NOT_FOUND: _request("Check the path; it begins with /v1/.", status=404),
    Refusal.NOT_OFFERED: _request("The SDK knows this call, but it is not offered here.", status=404),
    Refusal.REQUEST_NOT_STORED: Terms(
        404, "invalid_request_error", "Check the request id; if it is right, ask again later.", Page.USAGE
    ),
    Refusal.METHOD_NOT_ALLOWED: _request("Use the method that the error names.", status=405),
    Refusal.ANSWER_NOT_KEPT: Terms(
        409,
        "invalid_request_error",
        "The request was answered and charged once, but its answer is no longer kept: read its receipt.",
        Page.USAGE,
    ),
    Refusal.BODY_TOO_LARGE: _request("Send less in one request.", status=413),
    # OpenAI says 429 here; Anthropic's SDK has a class for 402.
    Refusal.CREDIT_EXHAUSTED: Terms(
        429,
        "insufficient_quota",
        "The balance is used up: subscribe or buy credit.",
        Page.BILLING,
        anthropic_status=402,
    ),
    Refusal.CREDIT_RESERVED: Terms(
        429, "insufficient_quota", "Requests in flight hold the rest of the balance.", Page.BILLING, Waiting.HELPS
    ),
    Refusal.ORGANIZATION_SPEND_LIMIT: _spend_limit(
        "The organization’s budget is used up until its window ends: raise it."
    ),
    Refusal.PROJECT_SPEND_LIMIT: _spend_limit("The project’s budget is used up until its window ends: raise it."),
    Refusal.KEY_SPEND_LIMIT: _spend_limit("The key’s budget is used up until its window ends: raise it."),
    Refusal.MEMBER_SPEND_LIMIT: _spend_limit(
        "The budget of the member who made the key is used up until its window ends: raise it."
    ),
    Refusal.END_CUSTOMER_SPEND_LIMIT: _spend_limit(
        "The end customer’s budget is used up until its window ends: raise it."
    ),
    Refusal.MODEL_SPEND_LIMIT: _spend_limit("The budget for this model is used up until its window ends: raise it."),
    Refusal.SPEND_LIMIT_RESERVED: Terms(
        429, "insufficient_quota", "Requests in flight hold the rest of a budget.", Page.LIMITS, Waiting.HELPS
    ),
    Refusal.REQUESTS_PER_DAY: Terms(
        429, "rate_limit_error", "The day’s requests are used up until midnight UTC: raise the limit.", Page.LIMITS
    ),
    Refusal.REQUESTS_PER_MINUTE: _rate("Too many requests in this minute."),
    Refusal.INPUT_TOKENS_PER_MINUTE: _rate("Too many input tokens in this minute."),
    Refusal.OUTPUT_TOKENS_PER_MINUTE: _rate("Too many output tokens in this minute."),
    Refusal.CONCURRENT_REQUESTS: _rate("Too many requests at the same time."),
    Refusal.REQUEST_EXCEEDS_LIMIT: Terms(
        429,
        "rate_limit_error",
        "One request is larger than a whole minute’s limit: make it smaller.",
        Page.LIMITS,
    ),
    Refusal.UPSTREAM_UNAVAILABLE: _ours(502, "upstream_error", "The model server broke off. Nothing more was charged."),
    Refusal.MODEL_PAUSED: Terms(503, "service_unavailable", "The model is paused by its operator.", Page.MODELS),
    Refusal.UNAVAILABLE: _ours(503, "service_unavailable", "Try again in a moment."),
    Refusal.UPSTREAM_TIMEOUT: _ours(504, "upstream_error", "The model server took too long."),
}


def table_as_markdown() -> str:
    """The table as the guide shows it; `make refusals` writes it there."""
    head = "| status | code | what to do | page | waiting helps |\n|---|---|---|---|---|"
    rows = [
        f"| {_statuses(terms)} | `{code}` | {terms.remedy} | `{terms.page}` | {terms.waiting} |"
        for code, terms in TABLE.items()
    ]
    return "\n".join([head, *rows])


def _statuses(terms: Terms) -> str:
    other = terms.anthropic_status
    return f"{terms.status}" if other is None else f"{terms.status} (Anthropic’s surface: {other})"
