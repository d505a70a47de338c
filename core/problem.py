"""Errors as RFC 9457 problem details: the one rendering for programs."""

from collections.abc import Mapping, Sequence

from core.errors import TollwayError

CONTENT_TYPE = "application/problem+json"


def problem_of(
    error: TollwayError, *, docs: str, fields: Sequence[Mapping[str, str]] = (), instance: str = ""
) -> dict[str, object]:
    """Answer the members of a problem. `docs` is the page that explains codes; `fields` say `field` and `detail`."""
    problem: dict[str, object] = {
        "type": f"{docs}#{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }
    if instance:
        problem["instance"] = instance
    return problem | {"errors": list(fields)} if fields else problem
