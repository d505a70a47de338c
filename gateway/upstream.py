"""What the gateway asks of an HTTP client: post to a model server, read the status, then the body, then close.

`tests/gateway/upstreams/test_client_*.py` say what a client must do; every implementation passes it.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

# Less than servers keep an idle connection (5 seconds is common), so that none is reused as it closes.
IDLE_SECONDS = 3.0
# A whole answer, and an error's body. Streams have no bound but their own frames'.
MOST_WHOLE = 64 * 1024 * 1024
MOST_HEADER = 64 * 1024


class UpstreamFailed(Exception):
    """`was_sent`: the server may have read the request. `was_kept`: on a connection that had served before."""

    def __init__(self, message: str, *, was_sent: bool, was_kept: bool = False) -> None:
        super().__init__(message)
        self.was_sent = was_sent
        self.was_kept = was_kept


class UpstreamDown(UpstreamFailed):
    """The server can't be reached, broke off, or doesn't speak HTTP."""


class UpstreamSlow(UpstreamFailed):
    """The server was silent for too long; where nothing was sent, it did not take the connection."""


class UpstreamFull(UpstreamFailed):
    """All connections to this server are in use, and none came free within the connect timeout. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class Post:
    """`url` is absolute; the client adds only `host` and `content-length`. Timeouts are seconds.

    `connect_timeout` covers the wait for a free connection, too; `read_timeout` is for each silence, before the
    answer's head and inside its body.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes
    connect_timeout: float = 5.0
    read_timeout: float = 600.0


class UpstreamAnswer(Protocol):
    """A status, headers, and a body that is read once. Reading raises `UpstreamFailed`'s subclasses, sent."""

    @property
    def status(self) -> int: ...
    def header(self, name: str) -> str | None:
        """The first header of this name, given in lower case."""

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives, without the marks of chunked encoding. A body that was cut raises `UpstreamDown`."""

    async def whole(self) -> bytes:
        """Raises `UpstreamDown` where it is larger than `MOST_WHOLE`."""


class UpstreamClient(Protocol):
    """Made inside a running event loop. It retries nothing, follows no redirect and stores no cookie.

    TLS certificates are verified against the system's authorities. Proxies of the environment are not used.
    """

    def open(self, post: Post) -> AbstractAsyncContextManager[UpstreamAnswer]:
        """Entering sends, and raises `UpstreamFailed`'s subclasses.

        Leaving before the body's end closes the connection, which cancels the generation; afterwards it is kept for
        the next request, for `IDLE_SECONDS`, if the server keeps it too.
        """

    async def close(self) -> None:
        """Close every connection."""
