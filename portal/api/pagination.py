"""Lists, newest first, by cursor: rows that come in between move nothing."""

from typing import Any

from rest_framework.pagination import CursorPagination
from rest_framework.response import Response


class Newest(CursorPagination):
    """Ids are UUIDs of version 7, so that their order is that of creation."""

    ordering = "-id"
    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"data": data, "next": self.get_next_link(), "previous": self.get_previous_link()})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        properties = {"data": schema, "next": link, "previous": link}
        return {"type": "object", "required": list(properties), "properties": properties}
