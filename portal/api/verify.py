"""`POST /api/v1/keys/verify`: another gateway asks whether a key may be used. Whoever asks shows the key itself.

A plain view on the published facts: no serializer and no query per request. The key is never logged.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from core.scope import MODEL_SCOPES, Scope
from core.verdict import Refusal, Verdict
from core.wire import RateLimits
from portal.api.check import Judged, Use, judge
from portal.api.errors import BadRequest, Refused, problem_response
from portal.api.rated import for_gateways
from portal.api.sent_key import read_sent_key

OTHER_FIELDS = {"address", "scope", "model"}
LIMITS = tuple(each.name for each in fields(RateLimits))


@csrf_exempt
@require_POST
@for_gateways
@sensitive_variables()
def verify_key(request: HttpRequest) -> JsonResponse:
    try:
        asked = _read(request)
    except BadRequest as error:
        return problem_response(error)
    use = Use(asked.get("address") or None, Scope(asked.get("scope") or Scope.INFERENCE), asked.get("model") or "")
    judged = judge(asked["key"], use)
    if isinstance(judged, Verdict) and judged.code == Refusal.UNAVAILABLE:
        return problem_response(Refused(judged))
    return JsonResponse(_answer(judged), headers={"Cache-Control": "no-store"})


@sensitive_variables()
def _read(request: HttpRequest) -> Mapping[str, str]:
    """Raises BadRequest, which names a field and never its value."""
    asked = read_sent_key(request, others=OTHER_FIELDS)
    if asked.get("scope") and asked["scope"] not in MODEL_SCOPES:
        raise BadRequest(f"The scope is one of {', '.join(MODEL_SCOPES)}.")
    return asked


def _answer(judged: Judged | Verdict) -> dict[str, Any]:
    refused = judged if isinstance(judged, Verdict) else judged.refused
    outcome = {
        "valid": refused is None,
        "code": refused.code.value if refused else "valid",
        "message": refused.message if refused else "",
    }
    return outcome if isinstance(judged, Verdict) else outcome | _facts(judged)


def _facts(judged: Judged) -> dict[str, Any]:
    key, organization = judged.key, judged.organization
    return {
        "id": key.id,
        "key_id": key.key_id,
        "name": key.name,
        "kind": key.kind,
        "project": key.project,
        "organization": key.organization,
        "scopes": key.scopes,
        "models": key.models,
        "denied_models": key.denied_models,
        "limits": _told(organization.limits),
        "key_limits": _told(key.limits),
        "expires_at": datetime.fromtimestamp(key.expires_at, UTC).isoformat() if key.expires_at else None,
    }


def _told(limits: RateLimits) -> dict[str, int | None]:
    return {name: getattr(limits, name) for name in LIMITS}
