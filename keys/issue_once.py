"""A request to make a key that is sent again gets the same key again, though we keep no copy of it.

The new key's text is sealed under a key that is derived from the caller's own admin key and idempotency key. We hold
neither in clear, so that what is stored opens for nobody but the same caller with the same request.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import transaction

from core.errors import Conflict, Invalid
from keys.issue import IssuedKey
from keys.models import ApiKey, IdempotentIssue

KEPT_FOR = timedelta(days=1)
LONGEST = 255
NONCE = 12


class OtherRequest(Conflict):
    code = "idempotency_key_reused"
    status = 422
    title = "This idempotency key was used for another request"


@dataclass(frozen=True, slots=True)
class Caller:
    """An admin key, and its text."""

    key: ApiKey
    text: str = field(repr=False)


@transaction.atomic
def issue_once(
    caller: Caller, name: str, request: Mapping[str, Any], *, issue: Callable[[], IssuedKey], now: datetime
) -> IssuedKey:
    """Issue a key, or answer the one that the same request got before. Raises OtherRequest, and what `issue` raises.

    A second request at the same time waits for the first one's transaction at the unique constraint.
    """
    row, is_new = _first(caller, name, request, now)
    seal = _seal(caller, name)
    if not is_new:
        return _again(row, seal)
    issued = issue()
    nonce = secrets.token_bytes(NONCE)
    row.issued, row.sealed = issued.key, nonce + seal.encrypt(nonce, issued.text.encode(), None)
    row.save(update_fields=["issued", "sealed"])
    return issued


@transaction.atomic
def make_once(
    caller: Caller, name: str, request: Mapping[str, Any], *, make: Callable[[], UUID], now: datetime
) -> UUID:
    """The same for what has no secret: answer the id of what was made, now or before. Raises as above."""
    row, is_new = _first(caller, name, request, now)
    if is_new:
        row.made = make()
        row.save(update_fields=["made"])
    assert row.made is not None
    return row.made


def _first(caller: Caller, name: str, request: Mapping[str, Any], now: datetime) -> tuple[IdempotentIssue, bool]:
    """Answer the request's row, and whether it is new. Raises Invalid, OtherRequest."""
    if len(name) > LONGEST:
        raise Invalid(f"An idempotency key has at most {LONGEST} characters.")
    name_hash, fingerprint = _sha256(name), _sha256(json.dumps(request, sort_keys=True, default=str))
    forget_issues(before=now - KEPT_FOR)
    row, is_new = IdempotentIssue.objects.select_for_update().get_or_create(
        caller=caller.key, name_hash=name_hash, defaults={"fingerprint": fingerprint, "created_at": now}
    )
    if row.fingerprint != fingerprint:
        raise OtherRequest("Send another Idempotency-Key with another request.")
    return row, is_new


def forget_issues(*, before: datetime) -> int:
    return IdempotentIssue.objects.filter(created_at__lt=before).delete()[0]


def _again(row: IdempotentIssue, seal: AESGCM) -> IssuedKey:
    assert row.issued is not None
    sealed = bytes(row.sealed)
    return IssuedKey(row.issued, seal.decrypt(sealed[:NONCE], sealed[NONCE:], None).decode())


def _seal(caller: Caller, name: str) -> AESGCM:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"idempotent key issue").derive(
        f"{caller.text} {name}".encode()
    )
    return AESGCM(derived)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
