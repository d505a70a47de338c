"""Reports of leaked keys: by whoever holds one, and by GitHub's secret scanning."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST
from redis.exceptions import RedisError

from core.errors import TollwayError
from keys.github_signature import is_signed
from keys.models import LeakReport
from keys.report_leak import report_leak
from portal.address import address_of
from portal.api.errors import BadRequest, NotFound, problem_response
from portal.api.rated import GITHUB, LEAK_REPORTS, at_most
from portal.api.sent_key import read_sent_key

MOST_FOUND = 1000


class NotSigned(TollwayError):
    code = "signature_invalid"
    status = 401
    title = "The signature does not fit"


class KeysAway(TollwayError):
    code = "service_unavailable"
    status = 503
    title = "The signer's keys can't be fetched"


@csrf_exempt
@require_POST
@at_most(LEAK_REPORTS)
@sensitive_variables()
def report_leaked_key(request: HttpRequest) -> JsonResponse:
    """Whoever holds a key may have it stopped; nothing is told about whose it is."""
    try:
        asked = read_sent_key(request, others={"url"})
    except BadRequest as error:
        return problem_response(error)
    report = report_leak(
        asked["key"],
        source=LeakReport.Source.PUBLIC,
        url=asked.get("url") or "",
        address=address_of(request),
        now=timezone.now(),
    )
    if report is None:
        return problem_response(NotFound("No key like this exists here."))
    return JsonResponse({"reported": True, "outcome": report.outcome})


@csrf_exempt
@require_POST
@at_most(GITHUB)
@sensitive_variables()
def github_found_keys(request: HttpRequest) -> JsonResponse:
    """Answer, for each token that GitHub found, whether it is one of ours; those that are have been stopped."""
    headers = request.headers
    identifier, signature = (
        headers.get("Github-Public-Key-Identifier", ""),
        headers.get("Github-Public-Key-Signature", ""),
    )
    try:
        if not is_signed(request.body, identifier=identifier, signature=signature):
            return problem_response(NotSigned())
    except (OSError, RedisError):
        return problem_response(KeysAway())
    found = json.loads(request.body)
    if not _is_list_of_tokens(found):
        return problem_response(BadRequest("The body is a list of found tokens."))
    return JsonResponse([_judged(each) for each in found], safe=False)


def _is_list_of_tokens(found: Any) -> bool:
    return (
        isinstance(found, Sequence)
        and len(found) <= MOST_FOUND
        and all(isinstance(each, dict) and isinstance(each.get("token"), str) for each in found)
    )


@sensitive_variables()
def _judged(found: Mapping[str, Any]) -> dict[str, str]:
    token = found["token"]
    url = str(found.get("url") or "")
    report = report_leak(token, source=LeakReport.Source.GITHUB, url=url, now=timezone.now())
    return {
        "token_hash": hashlib.sha256(token.encode()).hexdigest(),
        "token_type": str(found.get("type") or ""),
        "label": "true_positive" if report else "false_positive",
    }
