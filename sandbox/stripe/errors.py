"""Refusals, with the bodies that Stripe answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.stripe.values import Obj

INVALID = "invalid_request_error"


class StripeError(Exception):
    """A refusal. `keep` says that what happened before it stays (a declined charge is history, not an error)."""

    def __init__(
        self, message: str, *, status: int = 400, kind: str = INVALID, keep: bool = False, **fields: object
    ) -> None:
        """Take the further fields of the error body: code, param, decline_code, payment_intent…"""
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.keep = keep
        self.fields = {name: value for name, value in fields.items() if value is not None}

    def body(self, *, request_id: str) -> Obj:
        """Answer the JSON body; every code has its documentation page, every request its log page."""
        error: Obj = {"message": self.message, "type": self.kind, **self.fields}
        if "code" in error:
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{str(error['code']).replace('_', '-')}"
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": error}


def not_here(what: str) -> StripeError:
    """Refuse what the real API has and the sandbox has not, rather than to pretend."""
    return StripeError(f"{what} is not in the sandbox.")


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> StripeError:
    """Refuse a request that Stripe would refuse as well."""
    return StripeError(message, param=param, code=code)


def missing_param(name: str) -> StripeError:
    """Refuse a request without a parameter that is always needed."""
    return StripeError(f"Missing required param: {name}.", code="parameter_missing", param=name)


def no_such(label: str, ident: str, *, param: str | None = None) -> StripeError:
    """Refuse an unknown id: 404 when it is the object asked for, 400 when it is a parameter of another call."""
    return StripeError(
        f"No such {label}: '{ident}'",
        status=404 if param is None else 400,
        code="resource_missing",
        param=param or "id",
    )


def unauthorized(message: str) -> StripeError:
    """Refuse a request without a usable test key."""
    return StripeError(message, status=401)
