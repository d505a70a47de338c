"""API keys: their format, checksum and keyed hash.

`<brand>_<live|test|admin>_<id 12><secret 32><checksum 6>`, base62. The id is the look-up and may be shown; the
secret has 190 bits; the checksum is CRC32 over everything before it, so that a typo is judged without a look-up.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LENGTH = 12
SECRET_LENGTH = 32
CHECKSUM_LENGTH = 6
BODY = re.compile(rf"[0-9A-Za-z]{{{ID_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH}}}")


class Environment(StrEnum):
    """The word after the brand: what the key reaches."""

    LIVE = "live"
    TEST = "test"
    ADMIN = "admin"  # manages the organization, calls no model


@dataclass(frozen=True, slots=True)
class KeyToken:
    """A whole key as its holder sends it. Never logged: `repr` shows the prefix alone.

    `text` is the key in clear: shown once to its owner, stored nowhere.
    """

    brand: str
    environment: Environment
    key_id: str
    text: str = field(repr=False)

    @classmethod
    def of(cls, brand: str, environment: Environment, *, key_id: str, secret: str) -> "KeyToken":
        body = f"{brand}_{environment}_{key_id}{secret}"
        return cls(brand, environment, key_id, body + checksum(body))

    @property
    def secret(self) -> str:
        return self.text[-SECRET_LENGTH - CHECKSUM_LENGTH : -CHECKSUM_LENGTH]

    @property
    def prefix(self) -> str:
        """What pages and logs show."""
        return f"{self.brand}_{self.environment}_{self.key_id}"


def new_token(brand: str, environment: Environment) -> KeyToken:
    return KeyToken.of(brand, environment, key_id=_random(ID_LENGTH), secret=_random(SECRET_LENGTH))


def parse_token(text: str, *, brand: str) -> KeyToken | None:
    """Answer the key's parts, or None where the text is not a well-formed key with a right checksum."""
    head, _, body = text.rpartition("_")
    if head not in _heads(brand) or not BODY.fullmatch(body):
        return None
    if not hmac.compare_digest(checksum(text[:-CHECKSUM_LENGTH]), text[-CHECKSUM_LENGTH:]):
        return None
    return KeyToken(brand, Environment(head.rpartition("_")[2]), body[:ID_LENGTH], text)


def looks_like_a_token(text: str, *, brand: str) -> bool:
    """Tell a mistyped key of ours from something else altogether."""
    return text.startswith(tuple(f"{head}_" for head in _heads(brand)))


def published_pattern(brand: str) -> str:
    """The regular expression that secret scanners are given. The checksum tells a key from a chance hit."""
    return rf"\b{brand}_({'|'.join(Environment)})_[0-9A-Za-z]{{{ID_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH}}}\b"


def checksum(text: str) -> str:
    value = zlib.crc32(text.encode())
    digits = []
    for _ in range(CHECKSUM_LENGTH):
        value, digit = divmod(value, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def keyed_hash(token: KeyToken, pepper: bytes) -> str:
    """HMAC-SHA256 of the key under a pepper that lives outside the database, in hexadecimal."""
    return hmac.new(pepper, token.text.encode(), hashlib.sha256).hexdigest()


def is_hash_of(token: KeyToken, hash_: str, pepper: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(keyed_hash(token, pepper), hash_)


def parse_peppers(text: str) -> Mapping[str, bytes]:
    """Read `id:hex,id:hex`, newest first. Raises ValueError naming what to mend, never showing a pepper."""
    peppers: dict[str, bytes] = {}
    for position, part in enumerate(text.split(","), start=1):
        pepper_id, _, value = part.strip().partition(":")
        try:
            peppers[pepper_id] = bytes.fromhex(value)
        except ValueError:
            raise ValueError(f"KEY_PEPPERS: entry {position} is not id:hex.") from None
        if not pepper_id or not value:
            raise ValueError(f"KEY_PEPPERS: entry {position} is not id:hex.")
    return peppers


@cache
def _heads(brand: str) -> tuple[str, ...]:
    return tuple(f"{brand}_{environment}" for environment in Environment)


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
