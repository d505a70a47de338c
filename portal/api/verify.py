"""`POST /api/v1/keys/verify`: another gateway asks whether a key may be used. Whoever asks shows the key itself.

A plain view on the published facts: no serializer and no query per request. The key is never logged.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from core.scope import MODEL_SCOPES, Scope
from core.verdict import Refusal, Verdict
from portal.api.check import Judged, Use, judge
from portal.api.errors import BadRequest, Refused, problem_response

FIELDS = {"key", "address", "scope", "model"}
MOST_BYTES = 4096


@csrf_exempt
@require_POST
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
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        raise BadRequest(f"The body has at most {MOST_BYTES} bytes.")
    try:
        asked = json.loads(request.body)
    except ValueError:
        raise BadRequest("The body is no JSON.") from None
    if not isinstance(asked, dict) or not isinstance(asked.get("key"), str):
        raise BadRequest('The body is an object with the text "key".')
    if unknown := set(asked) - FIELDS:
        raise BadRequest(f"There is no field {min(unknown)[:40]!r}.")
    if wrong := [name for name, value in asked.items() if not isinstance(value, str | None)]:
        raise BadRequest(f"The field {wrong[0]!r} is a text.")
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
        "limits": asdict(organization.limits),
        "expires_at": datetime.fromtimestamp(key.expires_at, UTC).isoformat() if key.expires_at else None,
    }
