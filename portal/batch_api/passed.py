"""Whose call it is: a gateway has signed where it comes from, and the caller's own key is judged here once more."""

import json
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from batches.files import Owner
from batches.refused import CallRefused, invalid
from core.scope import Scope
from core.signed import Purpose, read_signed
from core.verdict import VERDICT_TYPE, Refusal, Verdict
from portal.api.check import Judged, Use, judge

View = Callable[..., HttpResponseBase]


def passed_call(**methods: View) -> View:
    """Answer a view that dispatches by HTTP method to functions of the request, its owner, and the path's ids."""

    @csrf_exempt
    def view(request: HttpRequest, **ids: str) -> HttpResponseBase:
        try:
            return _answered(request, methods, ids)
        except CallRefused as refused:
            return told(refused.verdict)

    return view


def told(verdict: Verdict) -> HttpResponse:
    """A gateway answers it in the shape of its caller's SDK."""
    words = {name: getattr(verdict, name) for name in ("code", "message", "param", "retry_after")}
    return HttpResponse(json.dumps(words), status=400, content_type=VERDICT_TYPE)


def json_body(request: HttpRequest, *, most: int) -> Any:
    """Read a JSON object of any size up to `most` bytes. Raises CallRefused."""
    raw = request.read(most + 1)
    if len(raw) > most:
        raise CallRefused(Verdict(Refusal.BODY_TOO_LARGE, f"The body is larger than {most:,} bytes."))
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise invalid("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise invalid("The body must be a JSON object.")
    return body


def whole_number(request: HttpRequest, name: str, *, default: int, most: int) -> int:
    """Read a query parameter from 1 to `most`. Raises CallRefused."""
    text = request.GET.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise invalid(f"'{name}' must be a whole number from 1 to {most:,}.", name)
    return int(text)


@sensitive_variables()
def _answered(request: HttpRequest, methods: dict[str, View], ids: dict[str, str]) -> HttpResponseBase:
    call = read_signed(
        request.headers.get("X-Passed-Call", ""),
        Purpose.PASSED_CALL,
        key=settings.BATCH_SIGNING_KEY,
        at=time.time(),
    )
    if call is None:
        message = f"Files and batches are served at {settings.GATEWAY_URL}."
        return JsonResponse({"error": {"message": message}}, status=404)
    judged = judge(_credential(request), Use(call[0], Scope.INFERENCE))
    refused = judged if isinstance(judged, Verdict) else judged.refused
    if refused is not None:
        raise CallRefused(refused)
    assert isinstance(judged, Judged)
    view = methods.get(request.method or "")
    if view is None:
        message = f"{request.path} is called with {' or '.join(methods)}, not with {request.method}."
        raise CallRefused(Verdict(Refusal.METHOD_NOT_ALLOWED, message))
    key = judged.key
    return view(request, Owner(key.organization, key.project, key.id, key.key_id), **ids)


@sensitive_variables()
def _credential(request: HttpRequest) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return (value if scheme.lower() == "bearer" else request.headers.get("X-Api-Key", "")).strip()
