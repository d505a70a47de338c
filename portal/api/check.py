"""Judges a key for other gateways as ours does: from the published facts, without the database.

Facts may be 0.3 s old, within the second that a change has.
"""

import time
from dataclasses import dataclass

from django.conf import settings
from redis.exceptions import RedisError

from core.key_check import ADMIN, may_call, refuse_address, refuse_key, refuse_organization, refuse_use
from core.scope import Scope
from core.tokens import is_hash_of, parse_peppers, parse_token
from core.verdict import Refusal, Verdict
from core.wire import KeyFacts, OrganizationFacts
from notices.facts import is_published
from portal.api.recent_facts import recent_key, recent_model, recent_organization

AWAY = Verdict(Refusal.UNAVAILABLE, "Keys can't be checked at the moment. Try again in a second.", retry_after=1)


@dataclass(frozen=True, slots=True)
class Judged:
    """A key whose secret was shown, and why it may not be used, if so."""

    key: KeyFacts
    organization: OrganizationFacts
    refused: Verdict | None


@dataclass(frozen=True, slots=True)
class Use:
    """What the key is to be used for. An empty model judges none; no address is an unknown one."""

    address: str | None
    scope: Scope = Scope.INFERENCE
    model: str = ""


def judge(text: str, use: Use) -> Judged | Verdict:
    """Answer a bare verdict where nothing may be told about a key, because its secret was not shown."""
    try:
        key = _known(text)
        if isinstance(key, Verdict):
            return key
        organization = recent_organization(key.organization)
        return Judged(key, organization, _refusal(key, organization, use)) if organization else AWAY
    except RedisError:
        return AWAY


def judge_admin(text: str, address: str | None) -> KeyFacts | Verdict:
    """Answer the admin key that a gateway shows with its questions, or why it may not."""
    try:
        key = _known(text)
    except RedisError:
        return AWAY
    if isinstance(key, Verdict):
        return key
    if key.kind != ADMIN:
        return Verdict(Refusal.INVALID_KEY, "A gateway's own key is an admin key.")
    return _refuse_key(key, address) or key


def _known(text: str) -> KeyFacts | Verdict:
    token = parse_token(text, brand=settings.KEY_BRAND)
    if token is None:
        return Verdict(Refusal.MALFORMED_KEY, "This is no key of ours, or it is mistyped or cut off.")
    key = recent_key(token.key_id)
    if key is None and not is_published():
        return AWAY
    pepper = parse_peppers(settings.KEY_PEPPERS).get(key.pepper) if key else None
    if key is None or pepper is None or not is_hash_of(token, key.hash, pepper):
        return Verdict(Refusal.INVALID_KEY, "This API key does not exist.")
    return key


def _refuse_key(key: KeyFacts, address: str | None) -> Verdict | None:
    page = f"{settings.PORTAL_URL}/keys/"
    return refuse_key(key, at=time.time(), page=page) or refuse_address(key, address=address, page=page)


def _refusal(key: KeyFacts, organization: OrganizationFacts, use: Use) -> Verdict | None:
    return (
        _refuse_key(key, use.address)
        or refuse_use(key, scope=use.scope, page=f"{settings.PORTAL_URL}/keys/")
        or refuse_organization(organization)
        or (_refuse_model(key, organization, use.model) if use.model else None)
    )


def _refuse_model(key: KeyFacts, organization: OrganizationFacts, slug: str) -> Verdict | None:
    model = recent_model(slug)
    if model is None or model.status == "closed":
        return Verdict(Refusal.MODEL_NOT_FOUND, f"The model '{slug}' does not exist.", param="model")
    if not may_call(key, slug) or not (model.is_public or slug in organization.models):
        return Verdict(Refusal.MODEL_NOT_GRANTED, f"This key has no access to the model '{slug}'.", param="model")
    return None
