"""Every error of the API as a problem (RFC 9457)."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

from core.errors import Invalid, NotAllowed, TollwayError
from core.problem import CONTENT_TYPE, problem_of
from core.refusals import TABLE
from core.verdict import Verdict

UNAUTHENTICATED = 401


class NotFound(TollwayError):
    code = "not_found"
    status = 404
    title = "There is nothing here"


class BadRequest(TollwayError):
    code = "bad_request"
    status = 400
    title = "The request can't be read"


class FieldsAreWrong(BadRequest):
    """`fields` name each wrong one (`field`) and say what is wrong (`detail`)."""

    def __init__(self, *fields: dict[str, str]) -> None:
        super().__init__("Some fields are not acceptable.")
        self.fields = fields


class TooManyRequests(TollwayError):
    """`wait` is in whole seconds, at most a minute."""

    code = "too_many_requests"
    status = 429
    title = "Too many requests"

    def __init__(self, wait: int, most: int) -> None:
        super().__init__(f"At most {most:,} requests a minute are answered here. Try again in {wait} s.")
        self.wait = wait


class Refused(TollwayError):
    """A verdict on a key, as an error."""

    title = "The key was refused"

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.message)
        self.code, self.status = verdict.code.value, TABLE[verdict.code].status


class OfFramework(TollwayError):
    """An error that REST framework raised: its status, code and words. Its own titles are templates."""

    def __init__(self, error: exceptions.APIException) -> None:
        super().__init__(str(error.detail))
        self.status, self.code = error.status_code, str(error.default_code)
        self.title = HTTPStatus(error.status_code).phrase


def handle(error: Exception, _context: Mapping[str, Any]) -> Response | None:
    """REST framework's EXCEPTION_HANDLER. What isn't expected is left to Django: a failure of ours."""
    known = _known(error)
    if known is None:
        return None
    fields = list(_fields(error.detail)) if isinstance(error, exceptions.ValidationError) else []
    if isinstance(error, FieldsAreWrong):
        fields = list(error.fields)
    if isinstance(error, Invalid) and error.field:
        fields = [{"field": error.field, "detail": error.detail}]
    problem = problem_of(known, docs=_page_of(known), fields=fields)
    return Response(problem, status=known.status, content_type=CONTENT_TYPE, headers=_headers(known))


def problem_response(error: TollwayError) -> JsonResponse:
    """The same for a plain view."""
    problem = problem_of(error, docs=_page_of(error))
    return JsonResponse(problem, status=error.status, content_type=CONTENT_TYPE, headers=_headers(error))


def nothing_here(_request: HttpRequest, rest: str) -> JsonResponse:
    return problem_response(NotFound(f"There is nothing at /api/{rest}."))


def docs_page() -> str:
    return f"{settings.PORTAL_URL}/docs/api/"


def _page_of(error: TollwayError) -> str:
    """Answer the page that explains the code: keys are refused alike here and at the gateway."""
    return f"{settings.PORTAL_URL}/docs/" if error.code in TABLE else docs_page()


def _known(error: Exception) -> TollwayError | None:
    match error:
        case TollwayError():
            return error
        case exceptions.ValidationError():
            return Invalid("Some fields are not acceptable.")
        case exceptions.APIException():
            return BadRequest(str(error.detail)) if isinstance(error, exceptions.ParseError) else OfFramework(error)
        case Http404():
            return NotFound()
        case PermissionDenied():
            return NotAllowed()
    return None


def _fields(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Each message with the path of its field, such as `networks.0`."""
    if isinstance(detail, Mapping):
        for name, below in detail.items():
            yield from _fields(below, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list):
        for below in detail:
            yield from _fields(below, path)
    else:
        yield {"field": "" if path == "non_field_errors" else path, "detail": str(detail)}


def _headers(error: TollwayError) -> dict[str, str]:
    if error.status == UNAUTHENTICATED:
        return {"WWW-Authenticate": 'Bearer realm="api"'}
    return {"Retry-After": str(error.wait)} if isinstance(error, TooManyRequests) else {}
