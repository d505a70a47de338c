"""What the OpenAPI schema says beyond the views that it is made from."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "code": TEXT,
        "errors": {"type": "array", "items": {"type": "object", "properties": {"field": TEXT, "detail": TEXT}}},
    },
}
VERIFICATION = {
    "type": "object",
    "required": ["valid", "code", "message"],
    "properties": {
        "valid": {"type": "boolean"},
        **dict.fromkeys(("code", "message", "id", "key_id", "name", "kind", "project", "organization"), TEXT),
        **dict.fromkeys(("scopes", "models", "denied_models"), TEXTS),
        "limits": {"type": "object", "additionalProperties": {"type": "integer", "nullable": True}},
        "expires_at": {"type": "string", "format": "date-time", "nullable": True},
    },
}
QUESTION = {
    "type": "object",
    "required": ["key"],
    "properties": {
        "key": TEXT,
        "address": {**TEXT, "description": "The caller's IP address; needed for keys that are bound to networks."},
        "scope": {"type": "string", "enum": ["inference", "models"]},
        "model": {**TEXT, "description": "Judge also whether the key may call this model."},
    },
}
PLAIN = {
    "/api/v1/keys/verify": {
        "post": {
            "operationId": "verify_key",
            "summary": "Ask whether a key may be used",
            "tags": ["api"],
            "security": [],
            "requestBody": {"required": True, "content": {"application/json": {"schema": QUESTION}}},
            "responses": {"200": {"description": "", "content": {"application/json": {"schema": VERIFICATION}}}},
        }
    },
    "/api/v1/keys/authorize": {
        "get": {
            "operationId": "authorize_key",
            "summary": "The same for nginx and Envoy, by headers",
            "tags": ["api"],
            "security": [],
            "parameters": [
                {"name": "Authorization", "in": "header", "schema": TEXT},
                {"name": "model", "in": "query", "schema": TEXT},
            ],
            "responses": {
                "200": {"description": "It may; headers say whose it is."},
                "401": {"description": "The key can't be used."},
                "403": {"description": "The key may not do this."},
            },
        }
    },
}


class AdminKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "portal.api.authentication.AdminKey"
    name = "adminKey"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An admin key."}


def add_plain_views(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add what is served without REST framework, and the one shape of every error."""
    result["paths"] |= PLAIN
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    error = {
        "description": "What went wrong",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"].setdefault("default", error)
    return result
