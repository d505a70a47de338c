"""A call that is not carried out, and why: told by a gateway in the shape of the caller's SDK."""

from core.verdict import Refusal, Verdict


class CallRefused(Exception):
    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.message)
        self.verdict = verdict


def invalid(message: str, param: str | None = None) -> CallRefused:
    return CallRefused(Verdict(Refusal.INVALID_REQUEST, message, param=param))


def not_found(message: str) -> CallRefused:
    return CallRefused(Verdict(Refusal.NOT_FOUND, message))


def too_large(message: str, param: str | None = None) -> CallRefused:
    return CallRefused(Verdict(Refusal.BODY_TOO_LARGE, message, param=param))
