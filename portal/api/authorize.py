"""`/api/v1/keys/authorize`: nginx's auth_request and Envoy's ext_authz ask whether a request may pass.

The key comes as its holder sent it (`Authorization: Bearer …` or `x-api-key`). Answers 200 with headers that say whose
it is, 401 for a key that can't be used, 403 for one that may not do this. Proxies take anything else for a failure.

nginx asks at this very address, and its configuration says in the query which scope and model to judge. Envoy appends
the caller's own path and query: there the path says the scope, and the query, which the caller chose, says nothing.
"""

import re

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from core.refusals import TABLE
from core.scope import MODEL_SCOPES, Scope
from core.verdict import Refusal, Verdict
from portal.address import address_of
from portal.api.check import Judged, Use, judge
from portal.api.rated import for_gateways

MISSING = Verdict(Refusal.MISSING_KEY, "Send an API key.")
LISTS_MODELS = re.compile(r"(v1/)?models(/[^/]+)?/?")
FORBIDDEN = 403
UNAUTHORIZED = 401


@csrf_exempt
@for_gateways
@sensitive_variables()
def authorize_key(request: HttpRequest, rest: str = "") -> HttpResponse:
    text = _credential(request)
    use = _use_of_path(request, rest) if rest else _use_of_query(request)
    judged = judge(text, use) if text else MISSING
    return _passed(judged) if isinstance(judged, Judged) and judged.refused is None else _refused(judged)


def _use_of_path(request: HttpRequest, path: str) -> Use:
    lists_models = LISTS_MODELS.fullmatch(path) and request.method in {"GET", "HEAD"}
    return Use(address_of(request), Scope.MODELS if lists_models else Scope.INFERENCE)


def _use_of_query(request: HttpRequest) -> Use:
    scope = request.GET.get("scope", "")
    return Use(
        address_of(request),
        Scope(scope) if scope in MODEL_SCOPES else Scope.INFERENCE,
        request.GET.get("model", ""),
    )


def _credential(request: HttpRequest) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return (value if scheme.lower() == "bearer" else request.headers.get("X-Api-Key", "")).strip()


def _passed(judged: Judged) -> HttpResponse:
    key = judged.key
    headers = {
        "X-Tollway-Organization": key.organization,
        "X-Tollway-Project": key.project,
        "X-Tollway-Key": key.id,
        "Cache-Control": "no-store",
    }
    return HttpResponse(status=200, headers=headers)


def _refused(judged: Judged | Verdict) -> HttpResponse:
    """A missing model is forbidden like one that isn't granted: the proxies know no other refusals."""
    refused = judged if isinstance(judged, Verdict) else judged.refused
    assert refused is not None
    status = TABLE[refused.code].status
    if status not in {UNAUTHORIZED, 503}:
        status = FORBIDDEN
    headers = {"X-Tollway-Code": refused.code.value, "Cache-Control": "no-store"}
    if status == UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    return HttpResponse(status=status, headers=headers)
