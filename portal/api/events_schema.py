"""Reported usage and its results, as the OpenAPI schema says them."""

from typing import Any

from billing.report_usage import Status
from portal.api.sent_events import CLOUD_EVENT, CLOUD_EVENTS, MOST_ITEMS

TEXT: dict[str, Any] = {"type": "string"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
USAGE: dict[str, Any] = {
    "type": "object",
    "required": ["model", "tokens"],
    "properties": {
        "model": TEXT,
        "tokens": {"type": "object", "additionalProperties": COUNT, "description": "Counts by disjoint token class."},
        **{name: {**TEXT, "format": "uuid"} for name in ("key", "project")},
        "end_customer": {**TEXT, "description": "Your own id of a registered end customer."},
        "service_tier": TEXT,
    },
}
SIMPLE = {
    **USAGE,
    "required": ["id", *USAGE["required"]],
    "properties": {"id": TEXT, "occurred_at": {**TEXT, "format": "date-time"}, **USAGE["properties"]},
}
CLOUD = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "data"],
    "properties": {
        **dict.fromkeys(("specversion", "id", "source", "type"), TEXT),
        "time": {**TEXT, "format": "date-time"},
        "data": USAGE,
    },
}
RESULTS: dict[str, Any] = {
    "type": "object",
    "required": [*(status.value for status in Status), "results"],
    "properties": {
        **{status.value: COUNT for status in Status},
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["status", "event", "detail"],
                "properties": {
                    "status": {**TEXT, "enum": [status.value for status in Status]},
                    "event": {**TEXT, "format": "uuid", "nullable": True},
                    "detail": TEXT,
                },
            },
        },
    },
}
REQUEST = {
    "application/json": {"oneOf": [SIMPLE, {"type": "array", "maxItems": MOST_ITEMS, "items": SIMPLE}]},
    CLOUD_EVENT: CLOUD,
    CLOUD_EVENTS: {"type": "array", "maxItems": MOST_ITEMS, "items": CLOUD},
}
