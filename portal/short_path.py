"""The short way to the views that other gateways ask for each of their requests.

Django's handler, routing and middleware cost several times what judging a key does. These two views ask no database,
read no session, set no cookie and show no page, so that all of it would only add headers that browsers read.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse

from portal.api.authorize import authorize_key
from portal.api.verify import verify_key

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def _answering(view: Callable[..., HttpResponse]) -> Callable[..., Any]:
    """What goes wrong becomes an answer and a log line, as behind the middleware."""
    return convert_exception_to_response(view)


VIEWS: Mapping[str, Callable[..., Any]] = {
    "/api/v1/keys/verify": _answering(verify_key),
    "/api/v1/keys/authorize": _answering(authorize_key),
}


def with_short_paths(application: Application) -> Application:
    """Answer these paths at once, and all others by `application`."""

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        view = VIEWS.get(environ.get("PATH_INFO", ""))
        if view is None:
            return application(environ, start_response)
        response: HttpResponse = view(WSGIRequest(environ))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]

    return answer
