"""The secrets of model servers: named in the facts, kept in the gateway's environment alone."""

from collections.abc import Mapping

from core.wire import UpstreamFacts

ANTHROPIC = "anthropic_messages"


def credential_of(upstream: UpstreamFacts, *, keys: Mapping[str, str], default: str) -> str | None:
    """The secret to send, empty for none; None where the environment has no such name.

    `default`, MODEL_SERVER_KEY, goes to MODEL_SERVER_URL alone: an upstream with a URL of its own must not learn it.
    """
    if upstream.credential:
        return keys.get(upstream.credential)
    return "" if upstream.url else default


def credential_headers(dialect: str, secret: str) -> dict[str, str]:
    if not secret:
        return {}
    return {"x-api-key": secret} if dialect == ANTHROPIC else {"authorization": f"Bearer {secret}"}
