"""Whether a key whose secret was shown may be used now: one judgement for gateways, the API, and keys in use.

Each refusal says what to mend and where; `page` is the address of the keys page.
"""

from core.networks import is_within
from core.scope import Scope
from core.verdict import Refusal, Verdict
from core.wire import KeyFacts, OrganizationFacts

ADMIN = "admin"
ARCHIVED = "archived"
FROZEN = "frozen"


def refuse_key(key: KeyFacts, *, at: float, page: str) -> Verdict | None:
    """Judge the key's own life at the Unix second `at`: revoked, archived with its project, disabled, expired."""
    if key.status == "revoked":
        return Verdict(Refusal.REVOKED_KEY, f"The API key '{key.name}' was revoked. Make a new one: {page}")
    if key.status == ARCHIVED:
        return Verdict(
            Refusal.DISABLED_KEY,
            f"The project of the API key '{key.name}' is archived. Use a key of another project, or restore it: {page}",
        )
    if key.status == FROZEN:
        return Verdict(
            Refusal.FROZEN_KEY,
            f"The API key '{key.name}' is frozen: it spent far more than it usually does. See why, and enable it "
            f"again: {page}{key.id}/",
        )
    if key.status != "active":
        return Verdict(Refusal.DISABLED_KEY, f"The API key '{key.name}' is disabled. Enable it again: {page}")
    if key.expires_at is not None and key.expires_at <= at:
        return Verdict(Refusal.EXPIRED_KEY, f"The API key '{key.name}' has expired. Make a new one: {page}")
    return None


def refuse_address(key: KeyFacts, *, address: str | None, page: str) -> Verdict | None:
    """Judge where the call comes from; a key without networks may be used from anywhere."""
    if not key.networks or is_within(address, key.networks):
        return None
    return Verdict(
        Refusal.ADDRESS_NOT_ALLOWED,
        f"The API key '{key.name}' may not be used from {address or 'an unknown address'}. Change its networks: {page}",
    )


def refuse_use(key: KeyFacts, *, scope: Scope, page: str) -> Verdict | None:
    """Judge what the key is for: its kind, then its scopes."""
    if key.kind == ADMIN:
        return Verdict(
            Refusal.ADMIN_KEY,
            f"'{key.name}' is an admin key: it manages the organization, and calls no model. Make another: {page}",
        )
    if key.scopes and scope not in key.scopes:
        return Verdict(
            Refusal.SCOPE_MISSING, f"The API key '{key.name}' lacks the scope '{scope}'. Change its scopes: {page}"
        )
    return None


def refuse_organization(organization: OrganizationFacts) -> Verdict | None:
    if organization.status == "active":
        return None
    return Verdict(
        Refusal.ORGANIZATION_SUSPENDED,
        f"The organization '{organization.name}' is suspended. Ask its owner or support.",
    )


def may_call(key: KeyFacts, model: str) -> bool:
    """Tell whether the key's own lists allow the model; what is denied is denied, allowed or not."""
    return model not in key.denied_models and (not key.models or model in key.models)
