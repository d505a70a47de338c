"""Finding a key by its text: only who knows the secret finds it."""

from django.conf import settings

from core.tokens import is_hash_of, parse_peppers, parse_token
from keys.models import ApiKey


def find_key(text: str) -> ApiKey | None:
    """Answer the key, in whatever state, with its organization; None for what is no key of ours."""
    token = parse_token(text, brand=settings.KEY_BRAND)
    if token is None:
        return None
    key = ApiKey.objects.select_related("organization", "project").filter(key_id=token.key_id).first()
    pepper = parse_peppers(settings.KEY_PEPPERS).get(key.pepper_id) if key else None
    return key if key and pepper and is_hash_of(token, key.hash, pepper) else None
