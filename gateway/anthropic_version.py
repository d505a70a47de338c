"""The `anthropic-version` header: which ones are served, and which rules come with each."""

from core.verdict import Refusal, Verdict

HEADER = b"anthropic-version"
# From this one on, sampling parameters are no part of the dialect.
WITHOUT_SAMPLING = "2026-10-21"
SERVED = ("2023-06-01", WITHOUT_SAMPLING)


def version_of(headers: list[tuple[bytes, bytes]]) -> str | Verdict:
    for name, value in headers:
        if name == HEADER:
            version = value.decode("latin-1")
            return version if version in SERVED else _refused(f"anthropic-version '{version}' is not served.")
    return _refused("The header anthropic-version is missing.")


def _refused(problem: str) -> Verdict:
    return Verdict(Refusal.INVALID_REQUEST, f"{problem} Send one of {', '.join(SERVED)}.", param="anthropic-version")
