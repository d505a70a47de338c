"""Keys whose holders have shown them to this process before, so that each is taken apart and hashed only once.

What was checked is the secret against one hash under one pepper. Where a key's facts name others now, it is checked
again; whether the key may be used is asked of its facts each time. No key is kept in clear: its digest is, under a
secret that dies with the process.
"""

import hashlib
import secrets
from dataclasses import dataclass

from core.tokens import is_hash_of, parse_token
from core.wire import KeyFacts
from gateway.settings import Settings

MOST = 20_000


@dataclass(slots=True)
class ShownKey:
    key_id: str
    prefix: str
    hash: str
    pepper: str


class ShownKeys:
    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._shown: dict[bytes, ShownKey] = {}

    def find(self, text: str) -> ShownKey | None:
        return self._shown.get(self._digest(text))

    def shows(self, text: str, key: KeyFacts, shown: ShownKey | None, *, settings: Settings) -> bool:
        """Whether `text` is this key with its secret; `shown` is what `find` has answered."""
        if shown is not None and shown.hash == key.hash and shown.pepper == key.pepper:
            return True
        token, pepper = parse_token(text, brand=settings.brand), settings.peppers.get(key.pepper)
        if token is None or pepper is None or not is_hash_of(token, key.hash, pepper):
            return False
        self._remember(text, ShownKey(key.key_id, token.prefix, key.hash, key.pepper))
        return True

    def _remember(self, text: str, shown: ShownKey) -> None:
        if len(self._shown) >= MOST:
            self._shown.clear()
        self._shown[self._digest(text)] = shown

    def _digest(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode(), digest_size=16, key=self._secret).digest()


SHOWN = ShownKeys()
