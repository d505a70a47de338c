"""What the page of the management API shows: its operations, from the schema itself, and what to paste."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

CREATE = """curl {url}/api/v1/keys \\
  -H "Authorization: Bearer $TOLLWAY_ADMIN_KEY" \\
  -H "Content-Type: application/json" \\
  -H "Idempotency-Key: build-4711" \\
  -d '{{"name": "CI", "scopes": ["inference"], "networks": ["203.0.113.0/24"]}}'"""

BUDGET = """curl {url}/api/v1/budgets \\
  -H "Authorization: Bearer $TOLLWAY_ADMIN_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{{"node": "organization", "window": "month", "cap": "250.00"}}'"""

END_CUSTOMER = """curl {url}/api/v1/end-customers \\
  -H "Authorization: Bearer $TOLLWAY_ADMIN_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{{"external_id": "customer-4711", "name": "Navy"}}'"""

READ_USAGE = """curl "{url}/api/v1/usage?bucket=1d&group_by=model&group_by=service_tier" \\
  -H "Authorization: Bearer $TOLLWAY_ADMIN_KEY\""""

REPORT_USAGE = """curl {url}/api/v1/events \\
  -H "Authorization: Bearer $TOLLWAY_ADMIN_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{{"id": "job-4711", "model": "muse-spark", "tokens": {{"input": 1200, "output": 300}}}}'"""

VERIFY = """curl {url}/api/v1/keys/verify \\
  -H "Content-Type: application/json" \\
  -d '{{"key": "{brand}_live_…", "address": "203.0.113.7", "model": "muse-spark"}}'"""

NGINX = """location /v1/ {{
    auth_request /_tollway;
    auth_request_set $organization $upstream_http_x_tollway_organization;
    proxy_set_header X-Tollway-Organization $organization;
    proxy_pass http://your_models;
}}
location = /_tollway {{
    internal;
    proxy_pass {url}/api/v1/keys/authorize;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Tollway-Gateway-Key {brand}_admin_…;
}}"""

ENVOY = """http_filters:
- name: envoy.filters.http.ext_authz
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
    failure_mode_allow: false
    http_service:
      server_uri: {{uri: "{url}", cluster: tollway, timeout: 1s}}
      path_prefix: /api/v1/keys/authorize
      authorization_request:
        headers_to_add:
        - {{key: x-tollway-gateway-key, value: "{brand}_admin_…"}}
      authorization_response:
        allowed_upstream_headers:
          patterns: [{{prefix: x-tollway-}}]
    allowed_headers:
      patterns: [{{exact: authorization}}, {{exact: x-api-key}}, {{exact: x-forwarded-for}}]
- name: envoy.filters.http.router
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"""


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    summary: str
    fields: Sequence[str]


@cache
def operations() -> Sequence[Operation]:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return [
        Operation(method.upper(), path, operation.get("summary", ""), _fields_of(operation, schema))
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def _fields_of(operation: Mapping[str, Any], schema: Mapping[str, Any]) -> Sequence[str]:
    """The names of the body's fields; those that must be sent first."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = body.get("$ref", "").rpartition("/")[2]
    found = schema["components"]["schemas"].get(name, body)
    required = found.get("required", [])
    return sorted(found.get("properties", {}), key=lambda field: field not in required)
