"""The model servers: one request is posted to one of them, with its credential."""

from contextlib import AbstractAsyncContextManager

from core.wire import UpstreamFacts
from gateway.dialects.dialect import Forwarded
from gateway.http_client.client import HttpClient
from gateway.settings import Settings
from gateway.upstream import Post, UpstreamAnswer, UpstreamClient, UpstreamDown
from gateway.upstreams.credentials import credential_headers, credential_of
from gateway.upstreams.installation import NAME

HEADERS = {"content-type": "application/json", "accept-encoding": "identity"}


class Servers:
    """Made inside a running event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: UpstreamClient = HttpClient(most_connections=settings.upstream_connections)

    def open(self, upstream: UpstreamFacts, sent: Forwarded) -> AbstractAsyncContextManager[UpstreamAnswer]:
        """Raises `UpstreamFailed`'s subclasses."""
        settings = self._settings
        secret = credential_of(upstream, keys=settings.upstream_keys, default=settings.model_server_key)
        if secret is None:
            raise UpstreamDown(f"No credential is named {upstream.credential!r}.", was_sent=False)
        post = Post(
            (upstream.url or settings.model_server_url) + sent.path,
            {**HEADERS, **sent.headers, **credential_headers(upstream.dialect, secret)},
            sent.body,
            upstream.connect_timeout,
            settings.upstream_timeout if upstream.id == NAME else upstream.read_timeout,
        )
        return self._client.open(post)

    async def close(self) -> None:
        await self._client.close()
