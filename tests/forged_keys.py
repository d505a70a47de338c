"""Keys that look right and are not."""

from core.tokens import KeyToken


def forged(token: KeyToken, secret: str) -> KeyToken:
    """The key with another secret, and the checksum that fits it."""
    return KeyToken.of(token.brand, token.environment, key_id=token.key_id, secret=secret)
