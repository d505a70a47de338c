"""Reading a small JSON object that holds a key: for those who ask about one, or report one."""

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from portal.api.errors import BadRequest

MOST_BYTES = 4096


@sensitive_variables()
def read_sent_key(request: HttpRequest, *, others: AbstractSet[str]) -> Mapping[str, str]:
    """Answer an object with the text `key`, and texts or nulls under the names of `others` alone.

    Raises BadRequest, which names a field and never its value.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise BadRequest(f"The body has at most {MOST_BYTES} bytes.")
    try:
        sent = json.loads(request.body)
    except ValueError:
        raise BadRequest("The body is no JSON.") from None
    if not isinstance(sent, dict) or not isinstance(sent.get("key"), str):
        raise BadRequest('The body is an object with the text "key".')
    if unknown := set(sent) - others - {"key"}:
        raise BadRequest(f"There is no field {min(unknown)[:40]!r}.")
    if wrong := [name for name, value in sent.items() if not isinstance(value, str | None)]:
        raise BadRequest(f"The field {wrong[0]!r} is a text.")
    return sent
