"""A refusal in the hot path is a value, not an exception."""

from dataclasses import dataclass, field
from enum import StrEnum


class Refusal(StrEnum):
    """Stable codes that clients may act on."""

    MISSING_KEY = "missing_api_key"
    MALFORMED_KEY = "malformed_api_key"
    INVALID_KEY = "invalid_api_key"
    EXPIRED_KEY = "expired_api_key"
    REVOKED_KEY = "revoked_api_key"
    DISABLED_KEY = "disabled_api_key"
    FROZEN_KEY = "frozen_api_key"
    ADMIN_KEY = "admin_key_calls_no_model"
    ADDRESS_NOT_ALLOWED = "ip_address_not_allowed"
    SCOPE_MISSING = "scope_missing"
    ORGANIZATION_SUSPENDED = "organization_suspended"
    END_CUSTOMER_SUSPENDED = "end_customer_suspended"
    MODEL_NOT_FOUND = "model_not_found"
    MODEL_NOT_GRANTED = "model_not_granted"
    MODEL_PAUSED = "model_paused"
    CREDIT_EXHAUSTED = "credit_balance_exhausted"
    CREDIT_RESERVED = "credit_balance_reserved"  # it suffices, but requests in flight hold it: waiting helps
    ORGANIZATION_SPEND_LIMIT = "organization_spend_limit_exceeded"
    PROJECT_SPEND_LIMIT = "project_spend_limit_exceeded"
    KEY_SPEND_LIMIT = "key_spend_limit_exceeded"
    MEMBER_SPEND_LIMIT = "member_spend_limit_exceeded"
    END_CUSTOMER_SPEND_LIMIT = "end_customer_spend_limit_exceeded"
    MODEL_SPEND_LIMIT = "model_spend_limit_exceeded"
    SPEND_LIMIT_RESERVED = "spend_limit_reserved"  # it suffices, but requests in flight hold it: waiting helps
    REQUESTS_PER_DAY = "requests_per_day_exceeded"  # until midnight UTC: waiting hours is no waiting
    REQUESTS_PER_MINUTE = "requests_per_minute_exceeded"
    REQUEST_EXCEEDS_LIMIT = "request_exceeds_rate_limit"  # larger than a whole minute's tokens: waiting can't help
    INPUT_TOKENS_PER_MINUTE = "input_tokens_per_minute_exceeded"
    OUTPUT_TOKENS_PER_MINUTE = "output_tokens_per_minute_exceeded"
    CONCURRENT_REQUESTS = "concurrent_requests_exceeded"
    MISMATCHED_ORGANIZATION = "mismatched_organization"
    MISMATCHED_PROJECT = "mismatched_project"
    INVALID_REQUEST = "invalid_request"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    ANSWER_NOT_KEPT = "answer_not_kept"  # charged once already: waiting can't bring it back
    BODY_TOO_LARGE = "request_too_large"
    NOT_FOUND = "not_found"
    NOT_OFFERED = "not_offered"
    REQUEST_NOT_STORED = "request_not_stored_or_unknown"  # its usage may still wait in a journal
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UPSTREAM_REFUSED = "upstream_refused"  # the model server found fault with what the caller asked
    UPSTREAM_UNAVAILABLE = "upstream_unavailable"
    UPSTREAM_TIMEOUT = "upstream_timeout"
    UNAVAILABLE = "service_unavailable"


# The content type by which the control plane tells a gateway a verdict: JSON of code, message, param and retry_after.
VERDICT_TYPE = "application/vnd.tollway.verdict+json"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`retry_after` (seconds, at most 60) is set only where waiting helps; otherwise clients are told not to retry."""

    code: Refusal
    message: str
    param: str | None = None
    retry_after: float | None = None
    limit: dict[str, object] | None = field(default=None)  # node, limit, used, reset
