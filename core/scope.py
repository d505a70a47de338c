"""What a key may be limited to. A key without scopes may do everything that a key of its kind may."""

from collections.abc import Mapping
from enum import StrEnum


class Scope(StrEnum):
    INFERENCE = "inference"  # call models: chat completions, responses, messages, embeddings
    MODELS = "models"  # list the models that the key may call
    KEYS_READ = "keys:read"
    KEYS_WRITE = "keys:write"
    END_CUSTOMERS_READ = "end_customers:read"
    END_CUSTOMERS_WRITE = "end_customers:write"
    BUDGETS_READ = "budgets:read"
    BUDGETS_WRITE = "budgets:write"
    USAGE_READ = "usage:read"
    USAGE_WRITE = "usage:write"


# Admin keys manage and never call a model; all others call models and never manage.
MODEL_SCOPES = (Scope.INFERENCE, Scope.MODELS)
ADMIN_SCOPES = (
    Scope.KEYS_READ,
    Scope.KEYS_WRITE,
    Scope.END_CUSTOMERS_READ,
    Scope.END_CUSTOMERS_WRITE,
    Scope.BUDGETS_READ,
    Scope.BUDGETS_WRITE,
    Scope.USAGE_READ,
    Scope.USAGE_WRITE,
)

MEANING: Mapping[Scope, str] = {
    Scope.INFERENCE: "Call models",
    Scope.MODELS: "List models",
    Scope.KEYS_READ: "See API keys",
    Scope.KEYS_WRITE: "Make and change API keys",
    Scope.END_CUSTOMERS_READ: "See end customers",
    Scope.END_CUSTOMERS_WRITE: "Register, suspend and restore end customers",
    Scope.BUDGETS_READ: "See budgets",
    Scope.BUDGETS_WRITE: "Set and remove budgets",
    Scope.USAGE_READ: "Read usage and its cost",
    Scope.USAGE_WRITE: "Report usage of your own systems",
}


def scopes_of_kind(kind: str) -> tuple[Scope, ...]:
    """The scopes that a key of this kind can be limited to."""
    return ADMIN_SCOPES if kind == "admin" else MODEL_SCOPES
