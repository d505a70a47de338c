"""Whether GitHub signed a message: ECDSA over P-256 with SHA-256, under a key that it publishes.

Source: GitHub's documentation of the secret scanning partner programme.
"""

import base64
import json
from collections.abc import Mapping
from urllib.request import Request, urlopen

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from django.core.cache import cache

KEPT_FOR = 3600
ASKED_AGAIN_AFTER = 60
TIMEOUT = 5.0


def is_signed(body: bytes, *, identifier: str, signature: str) -> bool:
    """Judge the raw body. Raises OSError where GitHub's keys can't be fetched."""
    if not identifier or not signature:  # Nobody can make us ask GitHub without even pretending.
        return False
    pem = _published_key(identifier)
    if pem is None:
        return False
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        return False
    try:
        key.verify(base64.b64decode(signature, validate=True), body, ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _published_key(identifier: str) -> str | None:
    """A key that isn't known may be new: the list is fetched again, once a minute at most."""
    known: Mapping[str, str] | None = cache.get("github-keys")
    if known is None or (identifier not in known and cache.add("github-keys-asked", 1, ASKED_AGAIN_AFTER)):
        known = _fetch()
        cache.set("github-keys", known, KEPT_FOR)
    return known.get(identifier)


def _fetch() -> dict[str, str]:
    request = Request(settings.GITHUB_PUBLIC_KEYS_URL, headers={"Accept": "application/json"})  # noqa: S310 - our own setting
    with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - as above
        published = json.load(answer)["public_keys"]
    return {each["key_identifier"]: each["key"] for each in published}
