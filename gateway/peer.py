"""Where a call comes from: the peer's address, or, behind trusted proxies alone, what they say of it."""

from collections.abc import Mapping
from typing import Any

from core.networks import client_address
from gateway.settings import Settings


def address_of(scope: Mapping[str, Any], settings: Settings) -> str:
    """Answer the caller's IP address; empty where the server does not know its peer."""
    peer = (scope.get("client") or ("", 0))[0]
    if not settings.trusted_proxies:
        return str(peer)
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return client_address(peer, b",".join(forwarded).decode("latin-1"), settings.trusted_proxies)
