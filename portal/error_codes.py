"""The refusals of the gateway, as the documentation lists them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.verdict import Refusal


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """`is_retried`: the SDKs try again by themselves, because waiting helps."""

    status: int
    code: Refusal
    remedy: str
    is_retried: bool = False


ERRORS: Sequence[ErrorCode] = (
    ErrorCode(400, Refusal.INVALID_REQUEST, "The field that the error names is missing or wrong."),
    ErrorCode(401, Refusal.MISSING_KEY, "Send the key as “Authorization: Bearer …”."),
    ErrorCode(401, Refusal.MALFORMED_KEY, "The key is mistyped: its checksum does not fit. Copy it again."),
    ErrorCode(401, Refusal.INVALID_KEY, "No key like this exists here."),
    ErrorCode(401, Refusal.EXPIRED_KEY, "The key’s day has come: make a new one."),
    ErrorCode(401, Refusal.REVOKED_KEY, "The key was revoked for ever: make a new one."),
    ErrorCode(
        401,
        Refusal.DISABLED_KEY,
        "The key is switched off, or its project is archived: enable it on the keys page, or restore the project.",
    ),
    ErrorCode(403, Refusal.ADMIN_KEY, "An admin key manages, and calls no model: use a live or test key."),
    ErrorCode(403, Refusal.ADDRESS_NOT_ALLOWED, "The key may not be used from this address: change its networks."),
    ErrorCode(403, Refusal.SCOPE_MISSING, "The key may not do this."),
    ErrorCode(403, Refusal.ORGANIZATION_SUSPENDED, "The organization is suspended: write to us."),
    ErrorCode(403, Refusal.MODEL_NOT_GRANTED, "The model exists, but is not open to your organization."),
    ErrorCode(404, Refusal.MODEL_NOT_FOUND, "Take a slug from the list of models."),
    ErrorCode(404, Refusal.NOT_FOUND, "Check the path; it begins with /v1/."),
    ErrorCode(404, Refusal.REQUEST_NOT_STORED, "Check the request id; if it is right, ask again later."),
    ErrorCode(405, Refusal.METHOD_NOT_ALLOWED, "Use the method that the error names."),
    ErrorCode(413, Refusal.BODY_TOO_LARGE, "Send less in one request."),
    ErrorCode(429, Refusal.CREDIT_EXHAUSTED, "The balance is used up: subscribe or buy credit."),
    ErrorCode(429, Refusal.CREDIT_RESERVED, "Requests in flight hold the rest of the balance.", is_retried=True),
    ErrorCode(429, Refusal.REQUESTS_PER_MINUTE, "Too many requests in this minute.", is_retried=True),
    ErrorCode(429, Refusal.INPUT_TOKENS_PER_MINUTE, "Too many input tokens in this minute.", is_retried=True),
    ErrorCode(429, Refusal.OUTPUT_TOKENS_PER_MINUTE, "Too many output tokens in this minute.", is_retried=True),
    ErrorCode(
        429, Refusal.REQUEST_EXCEEDS_LIMIT, "One request is larger than a whole minute’s limit: make it smaller."
    ),
    ErrorCode(429, Refusal.CONCURRENT_REQUESTS, "Too many requests at the same time.", is_retried=True),
    ErrorCode(
        502, Refusal.UPSTREAM_UNAVAILABLE, "The model server broke off. Nothing more was charged.", is_retried=True
    ),
    ErrorCode(503, Refusal.MODEL_PAUSED, "The model is paused by its operator."),
    ErrorCode(503, Refusal.UNAVAILABLE, "Try again in a moment.", is_retried=True),
    ErrorCode(504, Refusal.UPSTREAM_TIMEOUT, "The model server took too long.", is_retried=True),
)
