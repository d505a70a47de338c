"""Who calls: from the request's headers to the key and its organization, or the reason why not."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from core.scope import Scope
from core.tokens import KeyToken, is_hash_of, looks_like_a_token, parse_token
from core.verdict import Refusal, Verdict
from core.wire import KeyFacts, OrganizationFacts
from gateway.facts import Facts
from gateway.settings import Settings

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Caller:
    key: KeyFacts
    organization: OrganizationFacts


async def identify(headers: Headers, *, scope: Scope, facts: Facts, settings: Settings) -> Caller | Verdict:
    """Raises `RedisDown`. Nothing about a key is told to a caller who has not shown its secret."""
    token = _token_of(headers, settings)
    if isinstance(token, Verdict):
        return token
    key = await facts.key(token.key_id)
    if key is None:
        return await _unknown(facts, settings)
    pepper = settings.peppers.get(key.pepper)
    if pepper is None or not is_hash_of(token, key.hash, pepper):
        return _invalid(settings)
    refused = _unusable(key, scope, settings)
    if refused is not None:
        return refused
    organization = await facts.organization(key.organization)
    if organization is None:
        return not_published_yet()
    return _suspended(organization) or Caller(key, organization)


def not_published_yet() -> Verdict:
    """Redis was emptied, and the control plane is writing it again: a second's matter, and not the caller's fault."""
    return Verdict(
        Refusal.UNAVAILABLE, "Keys and limits are being published again. Try again in a second.", retry_after=1
    )


def _token_of(headers: Headers, settings: Settings) -> KeyToken | Verdict:
    text = _credential(dict(headers))
    if not text:
        return Verdict(
            Refusal.MISSING_KEY,
            f"Send an API key as 'Authorization: Bearer {settings.brand}_live_…'. Keys: {_keys_page(settings)}",
        )
    token = parse_token(text, brand=settings.brand)
    if token is not None:
        return token
    if looks_like_a_token(text, brand=settings.brand):
        message = "This API key is mistyped or cut off: its checksum is wrong. Copy the whole key again"
    else:
        message = (
            f"This is not an API key of ours: they begin with '{settings.brand}_live_' or '{settings.brand}_test_'"
        )
    return Verdict(Refusal.MALFORMED_KEY, f"{message}. Keys: {_keys_page(settings)}")


def _credential(headers: Mapping[bytes, bytes]) -> str:
    scheme, _, value = headers.get(b"authorization", b"").partition(b" ")
    text = value if scheme.lower() == b"bearer" else headers.get(b"x-api-key", b"")
    return text.strip().decode("latin-1")


async def _unknown(facts: Facts, settings: Settings) -> Verdict:
    return _invalid(settings) if await facts.are_published() else not_published_yet()


def _invalid(settings: Settings) -> Verdict:
    return Verdict(Refusal.INVALID_KEY, f"This API key does not exist. Keys: {_keys_page(settings)}")


def _unusable(key: KeyFacts, scope: Scope, settings: Settings) -> Verdict | None:
    page = _keys_page(settings)
    if key.status == "revoked":
        return Verdict(Refusal.REVOKED_KEY, f"The API key '{key.name}' was revoked. Make a new one: {page}")
    if key.status != "active":
        return Verdict(Refusal.DISABLED_KEY, f"The API key '{key.name}' is disabled. Enable it again: {page}")
    if key.expires_at is not None and key.expires_at <= time.time():
        return Verdict(Refusal.EXPIRED_KEY, f"The API key '{key.name}' has expired. Make a new one: {page}")
    if key.scopes and scope not in key.scopes:
        return Verdict(
            Refusal.SCOPE_MISSING, f"The API key '{key.name}' lacks the scope '{scope}'. Change its scopes: {page}"
        )
    return None


def _suspended(organization: OrganizationFacts) -> Verdict | None:
    if organization.status == "active":
        return None
    return Verdict(
        Refusal.ORGANIZATION_SUSPENDED,
        f"The organization '{organization.name}' is suspended. Ask its owner or support.",
    )


def _keys_page(settings: Settings) -> str:
    return f"{settings.portal_url}/keys/"
