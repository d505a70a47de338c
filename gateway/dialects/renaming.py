"""The model's public name in place of the model server's own, without reading the answer as JSON."""

import msgspec


class Renaming:
    """Replaces the first `"model": "<upstream name>"`. A quoted text can't match: its quotes are escaped."""

    def __init__(self, upstream_name: str, slug: str) -> None:
        self._is_needed = upstream_name != slug
        self._pairs: list[tuple[bytes, bytes]] = []
        if self._is_needed:
            theirs, ours = msgspec.json.encode(upstream_name), msgspec.json.encode(slug)
            self._pairs = [(b'"model":' + space + theirs, b'"model":' + space + ours) for space in (b"", b" ")]

    def __call__(self, text: bytes) -> bytes:
        if self._is_needed:
            for theirs, ours in self._pairs:
                text = text.replace(theirs, ours, 1)
        return text
