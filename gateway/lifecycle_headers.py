"""`Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link`, on each answer about a model that will be retired."""

from datetime import UTC, datetime
from email.utils import format_datetime

from core.wire import ModelFacts
from gateway.refusals import RawHeaders


def lifecycle_headers(model: ModelFacts, *, portal_url: str) -> RawHeaders:
    """Nothing for a model whose end is not planned."""
    if model.lifecycle != "deprecated" and model.retires_at is None:
        return []
    headers: RawHeaders = []
    if model.deprecated_at is not None:
        headers.append((b"deprecation", f"@{model.deprecated_at:.0f}".encode()))
    if model.retires_at is not None:
        at = datetime.fromtimestamp(model.retires_at, UTC)
        headers.append((b"sunset", format_datetime(at, usegmt=True).encode()))
    page = f"<{portal_url}/models/>"
    headers.append((b"link", f'{page}; rel="deprecation"; type="text/html", {page}; rel="sunset"'.encode()))
    return headers
