"""Which surface a request is answered on: its path says, elsewhere the header that one family of SDKs sends."""

from gateway.surfaces.anthropic import ANTHROPIC
from gateway.surfaces.openai import OPENAI
from gateway.surfaces.surface import Surface

Headers = list[tuple[bytes, bytes]]
# Looked up first, so that the most used paths cost one look-up.
BY_PATH: dict[str, Surface] = {"/v1/chat/completions": OPENAI, "/v1/responses": OPENAI, "/v1/embeddings": OPENAI}
VERSION = b"anthropic-version"
MESSAGES = "/v1/messages"


def surface_of(path: str, headers: Headers) -> Surface:
    return BY_PATH.get(path) or _surface_of(path, headers)


def _surface_of(path: str, headers: Headers) -> Surface:
    if path.startswith("/v1/responses/"):
        return OPENAI
    is_anthropic = path == MESSAGES or path.startswith(f"{MESSAGES}/") or any(name == VERSION for name, _ in headers)
    return ANTHROPIC if is_anthropic else OPENAI
