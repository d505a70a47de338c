"""Usage and its cost by API: in buckets of a minute, an hour or a day, grouped and filtered."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import Permission
from catalog.models import Model
from core.ids import NIL
from core.money import decimal_of_picos
from core.usage import TokenClass
from portal.api.program_view import ProgramView
from portal.api.usage_asked import COLUMNS, PARAMETERS, Cursor, read_asked
from usage.models import UsageRollup
from usage.queries import GroupedRow, Selection
from usage.queries.buckets import Bucket, Width, buckets

CURRENCY = "USD"
COUNT = {"type": "integer"}
TEXT = {"type": "string"}
PAGE = {
    "type": "object",
    "required": ["data", "has_more", "next_cursor"],
    "properties": {
        "data": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["start", "end", "results"],
                "properties": {
                    "start": {**TEXT, "format": "date-time"},
                    "end": {**TEXT, "format": "date-time"},
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["requests", "tokens", "amount", "currency"],
                            "properties": {
                                **{name: {**TEXT, "nullable": True} for name in COLUMNS},
                                "requests": COUNT,
                                "tokens": {"type": "object", "additionalProperties": COUNT},
                                "amount": {**TEXT, "description": "Exact, as a decimal."},
                                "currency": TEXT,
                            },
                        },
                    },
                },
            },
        },
        "has_more": {"type": "boolean"},
        "next_cursor": {**TEXT, "nullable": True},
    },
}


class Usage(ProgramView[UsageRollup]):
    pagination_class = None

    @extend_schema(
        operation_id="read_usage",
        summary="Read usage and its cost in buckets of time",
        parameters=PARAMETERS,
        responses={(200, "application/json"): PAGE},
    )
    def get(self, request: Request) -> Response:
        self.program.actor.require(Permission.VIEW_USAGE, self.program.organization)
        asked = read_asked(request.query_params)
        width, groups = Width(asked["bucket"]), tuple(dict.fromkeys(asked["group_by"]))
        slugs = dict(Model.objects.values_list("pk", "slug"))
        selection = self._selection(asked, slugs)
        columns = [COLUMNS[group] for group in groups]
        page = buckets(selection, columns, width=width, limit=asked["limit"])
        following = page[-1].end if page and page[-1].end < selection.end else None
        shown = [_bucket(bucket, groups, slugs) for bucket in page]
        cursor = Cursor().to_representation(following) if following else None
        return Response({"data": shown, "has_more": following is not None, "next_cursor": cursor})

    def _selection(self, asked: Mapping[str, Any], slugs: Mapping[UUID, str]) -> Selection:
        among = {column: asked[name] for name, column in COLUMNS.items() if asked.get(name)}
        if "model_id" in among:
            among["model_id"] = [id_ for id_, slug in slugs.items() if slug in among["model_id"]]
        selection = Selection(self.program.organization.pk, asked["start"], asked["end"], among=among)
        cursor = asked.get("cursor")
        return replace(selection, start=max(selection.start, cursor)) if cursor else selection


def _bucket(bucket: Bucket, groups: tuple[str, ...], slugs: Mapping[UUID, str]) -> dict[str, Any]:
    results = [_result(row, groups, slugs) for row in bucket.rows]
    return {"start": bucket.start, "end": bucket.end, "results": results}


def _result(row: GroupedRow, groups: tuple[str, ...], slugs: Mapping[UUID, str]) -> dict[str, Any]:
    named = {group: _name(group, value, slugs) for group, value in zip(groups, row.groups, strict=True)}
    counts = dict(row.used.counts.items())
    tokens = {each.value: counts[each] for each in TokenClass if each is not TokenClass.REQUESTS}
    amount = f"{decimal_of_picos(row.used.amount):f}"
    return named | {"requests": row.used.calls, "tokens": tokens, "amount": amount, "currency": CURRENCY}


def _name(group: str, value: UUID | str, slugs: Mapping[UUID, str]) -> str | None:
    """Models go by their names; nobody in particular (no end customer, no known member) is null."""
    if group == "model" and isinstance(value, UUID):
        return slugs.get(value, str(value))
    return None if value == NIL else str(value)
