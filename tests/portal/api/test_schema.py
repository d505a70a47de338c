"""The schema and its page."""

import json
import warnings

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema

from portal.api_reference import operations

OPERATIONS = {
    *("list_keys", "create_key", "retrieve_key", "update_key", "rotate_key", "revoke_key", "disable_key", "enable_key"),
    *("list_end_customers", "register_end_customer", "retrieve_end_customer", "rename_end_customer"),
    *("list_budgets", "create_budget", "retrieve_budget", "update_budget", "delete_budget"),
    *("suspend_end_customer", "restore_end_customer"),
    *("read_usage", "report_usage"),
    *("verify_key", "authorize_key", "report_leaked_key", "github_found_keys"),
}


def test_the_schema_is_valid_and_names_every_operation() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = json.loads(Client().get("/api/v1/schema/?format=json").content)
        validate_schema(schema)  # type: ignore[no-untyped-call]

    named = {operation["operationId"] for path in schema["paths"].values() for operation in path.values()}
    assert named == OPERATIONS
    assert schema["components"]["securitySchemes"]["adminKey"]["scheme"] == "bearer"
    created = schema["paths"]["/api/v1/keys"]["post"]
    assert "application/problem+json" in created["responses"]["default"]["content"]


@pytest.mark.django_db
def test_the_page_shows_them_all() -> None:
    page = Client().get("/docs/api/").content.decode()

    for operation in operations():
        assert f"{operation.method} {operation.path}" in page
    assert "auth_request" in page
    assert r"\btw_(live|test|admin)_[0-9A-Za-z]{50}\b" in page
