"""Who calls the management API: the holder of an admin key, as an actor of its organization."""

import time
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.actor import Actor
from accounts.models import Organization
from accounts.permissions import Permission
from core.errors import TollwayError
from core.key_check import refuse_address, refuse_key
from core.scope import ADMIN_SCOPES, Scope
from core.tokens import parse_token
from core.verdict import Refusal, Verdict
from keys.facts import key_facts
from keys.find import find_key
from keys.issue_once import Caller
from keys.models import ApiKey
from portal.address import address_of
from portal.api.errors import Refused

GRANTED: Mapping[Scope, AbstractSet[Permission]] = {
    Scope.KEYS_READ: {Permission.VIEW_KEYS},
    Scope.KEYS_WRITE: {Permission.MANAGE_KEYS},
    Scope.END_CUSTOMERS_READ: {Permission.VIEW_END_CUSTOMERS},
    Scope.END_CUSTOMERS_WRITE: {Permission.MANAGE_END_CUSTOMERS},
    Scope.BUDGETS_READ: {Permission.VIEW_BUDGETS},
    Scope.BUDGETS_WRITE: {Permission.MANAGE_BUDGETS},
    Scope.USAGE_READ: {Permission.VIEW_USAGE},
    Scope.USAGE_WRITE: {Permission.REPORT_USAGE},
}
NOTED_EVERY = timedelta(minutes=1)


class AdminKeyNeeded(TollwayError):
    code = "admin_key_needed"
    status = 403
    title = "This needs an admin key"


@dataclass(frozen=True, slots=True)
class Program:
    """Whoever holds the admin key. `text` is the key in clear, for as long as the request lasts."""

    key: ApiKey
    actor: Actor
    text: str = field(repr=False)
    is_authenticated: bool = True

    @property
    def organization(self) -> Organization:
        return self.key.organization

    @property
    def caller(self) -> Caller:
        """For requests that may be sent again."""
        return Caller(self.key, self.text)


class AdminKey(BaseAuthentication):
    """`Authorization: Bearer <brand>_admin_…`"""

    def authenticate(self, request: Request) -> tuple[Program, None]:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise Refused(Verdict(Refusal.MISSING_KEY, f"Send an admin key: Bearer {settings.KEY_BRAND}_admin_…"))
        address = address_of(request)
        key = _known(text.strip())
        _refuse_unusable(key, address)
        _note_use(key, address, timezone.now())
        return Program(key, _actor_of(key, address), text.strip()), None

    def authenticate_header(self, _request: Request) -> str:
        return "Bearer"


def _known(text: str) -> ApiKey:
    if parse_token(text, brand=settings.KEY_BRAND) is None:
        raise Refused(Verdict(Refusal.MALFORMED_KEY, "This is no key of ours, or it is mistyped or cut off."))
    key = find_key(text)
    if key is None:
        raise Refused(Verdict(Refusal.INVALID_KEY, "This API key does not exist."))
    return key


def _refuse_unusable(key: ApiKey, address: str | None) -> None:
    facts, page = key_facts(key), f"{settings.PORTAL_URL}/keys/"
    refused = refuse_key(facts, at=time.time(), page=page) or refuse_address(facts, address=address, page=page)
    if refused is not None:
        raise Refused(refused)
    if key.kind != ApiKey.Kind.ADMIN:
        raise AdminKeyNeeded(f"'{key.name}' calls models. Make an admin key to manage keys: {page}new/")
    if key.organization.status != Organization.Status.ACTIVE:
        raise Refused(Verdict(Refusal.ORGANIZATION_SUSPENDED, f"'{key.organization}' is suspended."))


def _actor_of(key: ApiKey, address: str | None) -> Actor:
    scopes = [Scope(scope) for scope in key.scopes] or ADMIN_SCOPES
    granted = frozenset[Permission]().union(*(GRANTED[scope] for scope in scopes))
    return Actor.program(f"Key {key.prefix}", organization_id=key.organization_id, granted=granted, ip_address=address)


def _note_use(key: ApiKey, address: str | None, now: datetime) -> None:
    """Once a minute is enough to know that a key is in use."""
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now, last_used_from=address)
