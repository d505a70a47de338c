"""Who calls: from the request's headers to the key and its organization, or the reason why not."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from core.key_check import refuse_address, refuse_key, refuse_organization, refuse_use
from core.scope import Scope
from core.tokens import KeyToken, looks_like_a_token, parse_token
from core.verdict import Refusal, Verdict
from core.wire import EndCustomerFacts, KeyFacts, OrganizationFacts, key_facts_at, organization_facts_at
from gateway.batch_line import line_named_by
from gateway.facts import Facts
from gateway.scope_headers import refuse_other_scope
from gateway.settings import Settings
from gateway.shown_keys import SHOWN

# Redis was emptied, and the control plane is writing it again: a second's matter, and not the caller's fault.
NOT_PUBLISHED_YET = Verdict(
    Refusal.UNAVAILABLE, "Keys and limits are being published again. Try again in a second.", retry_after=1
)
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Caller:
    key: KeyFacts
    organization: OrganizationFacts
    address: str = ""
    prefix: str = ""  # the part of the key that pages and logs show
    end_customer: EndCustomerFacts | None = None  # known once the body is read
    line: UUID | None = None  # a batch's line: its usage event, which is the same however often the line is tried


async def identify(
    headers: Headers, *, scope: Scope, facts: Facts, settings: Settings, address: str = ""
) -> Caller | Verdict:
    """Raises `RedisDown`. Nothing about a key is told to a caller who has not shown its secret.

    `address` is the caller's own (`gateway.peer`); a key that is bound to networks is refused without one.
    """
    told = dict(headers)
    credential = _credential(told)
    if line := line_named_by(credential, settings):
        return await _identify_line(*line, scope=scope, facts=facts, settings=settings)
    return await _identify_key(told, credential, scope=scope, facts=facts, settings=settings, address=address)


async def _identify_key(
    told: Mapping[bytes, bytes], credential: str, *, scope: Scope, facts: Facts, settings: Settings, address: str
) -> Caller | Verdict:
    shown = SHOWN.find(credential)
    token = shown or _token_of(credential, settings)
    if isinstance(token, Verdict):
        return token
    key = await facts.key(token.key_id)
    if key is None:
        return NOT_PUBLISHED_YET if await facts.may_be_missing(key_facts_at(token.key_id)) else _invalid(settings)
    if not SHOWN.shows(credential, key, shown, settings=settings):
        return _invalid(settings)
    page = keys_page(settings)
    refused = (
        refuse_key(key, at=time.time(), page=page)
        or refuse_address(key, address=address, page=page)
        or refuse_use(key, scope=scope, page=page)
        or refuse_other_scope(told, key)
    )
    if refused is not None:
        return refused
    organization = await facts.organization(key.organization)
    if organization is None:
        facts.need(organization_facts_at(key.organization))
        return NOT_PUBLISHED_YET
    return refuse_organization(organization) or Caller(key, organization, address, token.prefix)


async def _identify_line(
    key_id: str, event: UUID, *, scope: Scope, facts: Facts, settings: Settings
) -> Caller | Verdict:
    """The key that made the batch is judged anew for each line: revoking it ends the batch."""
    key = await facts.key(key_id)
    if key is None:
        return NOT_PUBLISHED_YET if await facts.may_be_missing(key_facts_at(key_id)) else _invalid(settings)
    page = keys_page(settings)
    if refused := refuse_key(key, at=time.time(), page=page) or refuse_use(key, scope=scope, page=page):
        return refused
    organization = await facts.organization(key.organization)
    if organization is None:
        facts.need(organization_facts_at(key.organization))
        return NOT_PUBLISHED_YET
    return refuse_organization(organization) or Caller(key, organization, line=event)


async def identify_any(headers: Headers, *, facts: Facts, settings: Settings, address: str) -> Caller | Verdict:
    """Whoever may list models or call them, to be told about himself. Raises `RedisDown`."""
    caller: Caller | Verdict = await identify(
        headers, scope=Scope.MODELS, facts=facts, settings=settings, address=address
    )
    if isinstance(caller, Verdict) and caller.code == Refusal.SCOPE_MISSING:
        return await identify(headers, scope=Scope.INFERENCE, facts=facts, settings=settings, address=address)
    return caller


def _token_of(text: str, settings: Settings) -> KeyToken | Verdict:
    if not text:
        return Verdict(
            Refusal.MISSING_KEY,
            f"Send an API key as 'Authorization: Bearer {settings.brand}_live_…'. Keys: {keys_page(settings)}",
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
    return Verdict(Refusal.MALFORMED_KEY, f"{message}. Keys: {keys_page(settings)}")


def _credential(headers: Mapping[bytes, bytes]) -> str:
    scheme, _, value = headers.get(b"authorization", b"").partition(b" ")
    text = value if scheme.lower() == b"bearer" else headers.get(b"x-api-key", b"")
    return text.strip().decode("latin-1")


def _invalid(settings: Settings) -> Verdict:
    return Verdict(Refusal.INVALID_KEY, f"This API key does not exist. Keys: {keys_page(settings)}")


def keys_page(settings: Settings) -> str:
    return f"{settings.portal_url}/keys/"
