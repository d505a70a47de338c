"""Refusal codes are stable: clients act on them, so that a change here breaks someone."""

from core.scope import Scope
from core.verdict import Refusal

PUBLISHED = {
    "missing_api_key",
    "malformed_api_key",
    "invalid_api_key",
    "expired_api_key",
    "revoked_api_key",
    "disabled_api_key",
    "admin_key_calls_no_model",
    "ip_address_not_allowed",
    "scope_missing",
    "organization_suspended",
    "model_not_found",
    "model_not_granted",
    "model_paused",
    "credit_balance_exhausted",
    "credit_balance_reserved",
    "requests_per_minute_exceeded",
    "request_exceeds_rate_limit",
    "input_tokens_per_minute_exceeded",
    "output_tokens_per_minute_exceeded",
    "concurrent_requests_exceeded",
    "invalid_request",
    "request_too_large",
    "not_found",
    "method_not_allowed",
    "upstream_unavailable",
    "upstream_timeout",
    "service_unavailable",
}


def test_no_published_code_is_taken_away() -> None:
    assert {refusal.value for refusal in Refusal} >= PUBLISHED


def test_scopes_are_stored_by_their_names() -> None:
    read_and_written = ["keys:read", "keys:write", "end_customers:read", "end_customers:write"]
    read_and_written += ["budgets:read", "budgets:write"]

    assert [scope.value for scope in Scope] == ["inference", "models", *read_and_written, "usage:read", "usage:write"]
