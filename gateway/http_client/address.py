"""A URL, taken apart once: the server that it names, and what its request says first."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

PORTS = {"http": 80, "https": 443}
# Everything that may stand in a path and a query as it is, and the sign of what is escaped already.
SAFE = "/?:@!$&'()*+,;=~-._%"


class Origin(NamedTuple):
    """What connections are shared for."""

    host: str
    port: int
    is_tls: bool


@dataclass(frozen=True, slots=True)
class Address:
    origin: Origin
    # The request's first line and its host header.
    opening: bytes


@lru_cache(maxsize=1024)
def address_of(url: str) -> Address:
    """Raises ValueError where `url` is not an absolute http or https URL."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("The URL is not an absolute http or https URL.")
    if parts.username is not None:
        raise ValueError("The URL names a user, which is not sent.")
    port = parts.port or PORTS[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.encode("idna").decode()
    shown = host if port == PORTS[parts.scheme] else f"{host}:{port}"
    path = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=SAFE)
    opening = f"POST {path} HTTP/1.1\r\nhost: {shown}\r\n".encode("ascii")
    return Address(Origin(parts.hostname, port, parts.scheme == "https"), opening)
