"""Which paths there are, and a clear answer for those that the SDKs know and this gateway doesn't offer."""

from core.verdict import Refusal, Verdict
from gateway.control_pass import is_passed
from gateway.receipt_endpoint import id_in

CHAT, RESPONSES, EMBEDDINGS = "/v1/chat/completions", "/v1/responses", "/v1/embeddings"
MESSAGES, COUNT_TOKENS = "/v1/messages", "/v1/messages/count_tokens"
COUNT_INPUT = "/v1/responses/input_tokens"
MODELS, ME, HEALTH = "/v1/models", "/v1/me", "/healthz"

CALLED_WITH_POST = frozenset({CHAT, RESPONSES, EMBEDDINGS, MESSAGES, COUNT_TOKENS, COUNT_INPUT})
OFFERED = (
    f"POST {CHAT}, {RESPONSES}, {MESSAGES}, {EMBEDDINGS}, {COUNT_TOKENS} and {COUNT_INPUT}; files and batches; "
    f"GET {MODELS}, {ME} and /v1/requests/{{id}}/receipt"
)
NOT_STORED = "Answers are not stored here, so there is none at {}. Send the whole conversation with each request."
# The first part after /v1/ of what the official SDKs may call besides.
KNOWN_TO_SDKS = frozenset(
    """
    agents assistants audio chatkit complete completions containers content_provenance_checks conversations decisions
    deployment_runs deployments dreams environments evals fine_tuning images live memory_stores moderations oauth
    organization organizations projects realtime safety sessions skills threads tunnels uploads user_profiles vaults
    vector_stores videos webhook_endpoints
    """.split()  # noqa: SIM905 - A paragraph reads better than forty quoted words.
)


def lost(method: str, path: str) -> Verdict | None:
    """Why nothing is called; None where something is."""
    if is_passed(path):
        return None
    right = _method_of(path)
    if right is None:
        return _not_here(path)
    if method != right:
        return Verdict(Refusal.METHOD_NOT_ALLOWED, f"{path} is called with {right}, not with {method}.")
    return None


def _method_of(path: str) -> str | None:
    """The one method of a path; None where there is nothing."""
    if path in CALLED_WITH_POST:
        return "POST"
    is_read = path in (HEALTH, MODELS, ME) or _names_a_model(path) or id_in(path) is not None
    return "GET" if is_read else None


def _names_a_model(path: str) -> bool:
    return path.startswith(f"{MODELS}/") and not path.endswith("/")


def _not_here(path: str) -> Verdict:
    if path == f"{RESPONSES}/compact":
        return _not_offered(path)
    if path.endswith("/") and _method_of(path.rstrip("/")) is not None:
        return Verdict(Refusal.NOT_FOUND, f"There is nothing at {path}: leave the slash at its end away.")
    if path.startswith((f"{RESPONSES}/", f"{CHAT}/")):
        return Verdict(Refusal.NOT_OFFERED, NOT_STORED.format(path))
    parts = path.split("/")
    if len(parts) > 2 and parts[1] == "v1" and parts[2] in KNOWN_TO_SDKS:  # noqa: PLR2004 - "", "v1", and what follows
        return _not_offered(path)
    return Verdict(Refusal.NOT_FOUND, f"There is nothing at {path}. Offered are {OFFERED}.")


def _not_offered(path: str) -> Verdict:
    return Verdict(Refusal.NOT_OFFERED, f"{path} is not offered here. Offered are {OFFERED}.")
