"""Pages of a list, as OpenAI's SDKs turn them: `after` names the last one seen."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from batches.files import id_in
from batches.refused import invalid


def page_of(
    rows: "QuerySet[Any]", request: HttpRequest, prefix: str, *, limit: int, shown: Callable[[Any], dict[str, object]]
) -> dict[str, object]:
    """The newest first, unless `order=asc`. Raises CallRefused for an `after` that is no id of this kind."""
    is_ascending = request.GET.get("order") == "asc"
    rows = rows.order_by("pk" if is_ascending else "-pk")
    if after := request.GET.get("after"):
        pk = id_in(after, prefix)
        if pk is None:
            raise invalid(f"'after' is no id that begins with {prefix}.", "after")
        rows = rows.filter(**{"pk__gt" if is_ascending else "pk__lt": pk})
    found = list(rows[: limit + 1])
    return _listed([shown(row) for row in found[:limit]], has_more=len(found) > limit)


def _listed(data: list[dict[str, object]], *, has_more: bool) -> dict[str, object]:
    first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return {"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": has_more}
