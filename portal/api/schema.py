"""What the OpenAPI schema says beyond the views that it is made from."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
LIMITS = {"type": "object", "additionalProperties": {"type": "integer", "nullable": True}}
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
        "limits": {**LIMITS, "description": "What all keys of the organization may ask for together."},
        "key_limits": {**LIMITS, "description": "What this key may ask for. Keeping both is the gateway's own task."},
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
REPORT = {
    "type": "object",
    "required": ["key"],
    "properties": {"key": TEXT, "url": {**TEXT, "description": "Where it was found."}},
}
REPORTED = {
    "type": "object",
    "required": ["reported", "outcome"],
    "properties": {
        "reported": {"type": "boolean"},
        "outcome": {"type": "string", "enum": ["revoked", "disabled", "stopped_before"]},
    },
}
FOUND = {
    "type": "array",
    "maxItems": 1000,
    "items": {
        "type": "object",
        "required": ["token"],
        "properties": dict.fromkeys(("token", "type", "url", "source"), TEXT),
    },
}
LABELS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["token_hash", "token_type", "label"],
        "properties": {
            **dict.fromkeys(("token_hash", "token_type"), TEXT),
            "label": {"type": "string", "enum": ["true_positive", "false_positive"]},
        },
    },
}
GATEWAY_KEY = {
    "name": "X-Tollway-Gateway-Key",
    "in": "header",
    "schema": TEXT,
    "description": "An admin key of the gateway that asks: it is then counted by this key, not by its address.",
}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _required_header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "schema": TEXT}


PLAIN = {
    "/api/v1/keys/verify": {
        "post": {
            "operationId": "verify_key",
            "summary": "Ask whether a key may be used",
            "tags": ["api"],
            "security": [],
            "parameters": [GATEWAY_KEY],
            "requestBody": {"required": True, "content": _json(QUESTION)},
            "responses": {"200": {"description": "", "content": _json(VERIFICATION)}},
        }
    },
    "/api/v1/keys/report-leak": {
        "post": {
            "operationId": "report_leaked_key",
            "summary": "Have a key stopped that was found in public",
            "tags": ["api"],
            "security": [],
            "requestBody": {"required": True, "content": _json(REPORT)},
            "responses": {"200": {"description": "", "content": _json(REPORTED)}},
        }
    },
    "/api/v1/github/secret-scanning": {
        "post": {
            "operationId": "github_found_keys",
            "summary": "What GitHub’s secret scanning found, signed by GitHub",
            "tags": ["api"],
            "security": [],
            "parameters": [
                _required_header("Github-Public-Key-Identifier"),
                _required_header("Github-Public-Key-Signature"),
            ],
            "requestBody": {"required": True, "content": _json(FOUND)},
            "responses": {"200": {"description": "", "content": _json(LABELS)}},
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
                {"name": "x-api-key", "in": "header", "schema": TEXT},
                GATEWAY_KEY,
                {"name": "scope", "in": "query", "schema": {"type": "string", "enum": ["inference", "models"]}},
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
