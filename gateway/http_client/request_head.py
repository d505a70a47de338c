"""The head of a request as bytes. The headers of most requests are those of the request before."""

from collections.abc import Mapping
from functools import lru_cache

from gateway.http_client.address import Address


def head_of(address: Address, headers: Mapping[str, str], *, length: int) -> bytes:
    """Raises ValueError where a header would end its own line."""
    return b"%bcontent-length: %d\r\n\r\n" % (_beginning(address.opening, tuple(headers.items())), length)


@lru_cache(maxsize=256)
def _beginning(opening: bytes, headers: tuple[tuple[str, str], ...]) -> bytes:
    lines = [f"{name}: {value}".encode("latin-1") for name, value in headers]
    if any(b"\r" in line or b"\n" in line for line in lines):
        raise ValueError("A header has a line break.")
    return opening + b"".join([line + b"\r\n" for line in lines])
