"""Every refusal and failure as a page in the portal's design."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.errors import TollwayError
from portal.api.errors import problem_response


class ErrorPages:
    """Answers our own errors that no view has handled, with their status, title and detail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, TollwayError):
            return None
        if request.path.startswith("/api/"):
            return problem_response(error)
        return render(request, "errors/error.html", {"error": error}, status=error.status)
