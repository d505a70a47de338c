"""Where a request comes from."""

from django.conf import settings
from django.http import HttpRequest

from core.networks import client_address, parse_address


def address_of(request: HttpRequest) -> str | None:
    """Answer the caller's IP address; `X-Forwarded-For` counts from trusted proxies alone."""
    peer = str(request.META.get("REMOTE_ADDR") or "")
    address = client_address(peer, request.META.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES)
    found = parse_address(address)
    return str(found) if found else None
