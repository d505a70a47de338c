"""What makes two requests the same: the API key with an `Idempotency-Key`, or with path, version and body."""

from dataclasses import dataclass
from hashlib import blake2b

from core.verdict import Refusal, Verdict
from gateway.identify import Caller, Headers

MOST_KEY_CHARACTERS = 255
DIGEST_BYTES = 16
# Besides the body these say what is asked, and for whom.
HEADERS = (b"anthropic-version", b"x-end-customer", b"anthropic-user-profile-id")
REUSED = "This Idempotency-Key was sent with another body as {}: make a new key for each request."
UNREADABLE = f"An Idempotency-Key is 1 to {MOST_KEY_CHARACTERS} visible ASCII characters."


@dataclass(frozen=True, slots=True)
class Asked:
    """`at` is the Redis key of what is remembered, `level` how often the SDK says that it has tried before.

    `is_keyed`: the caller named it by an Idempotency-Key. `may_come_again`: a later attempt could be told from a new
    request, because the caller's SDK counts its attempts, or because there is such a key.
    """

    organization: str
    at: str
    body: str
    level: int
    is_keyed: bool
    may_come_again: bool

    @property
    def is_first(self) -> bool:
        return self.level == 0 and not self.is_keyed


def read_asked(headers: Headers, body: bytes, *, path: str, caller: Caller) -> Asked | Verdict:
    told = dict(headers)
    key = told.get(b"idempotency-key")
    if key is not None and not _is_readable(key):
        return Verdict(Refusal.INVALID_REQUEST, UNREADABLE, param="Idempotency-Key")
    count = told.get(b"x-stainless-retry-count", b"")
    parts = (path.encode(), *(told.get(name, b"") for name in HEADERS), body)
    digest = _digest(caller.key.id, parts)
    organization = caller.organization.id
    name = f"asked:{digest}" if key is None else f"claim:{_digest(caller.key.id, (key,))}"
    return Asked(
        organization,
        at=f"{{{organization}}}:{name}",
        body=digest,
        level=int(count) if count.isdigit() and len(count) < 4 else 0,  # noqa: PLR2004 - nobody tries a thousand times
        is_keyed=key is not None,
        may_come_again=key is not None or bool(count),
    )


def _is_readable(key: bytes) -> bool:
    return 0 < len(key) <= MOST_KEY_CHARACTERS and all(0x21 <= byte <= 0x7E for byte in key)  # noqa: PLR2004 - ASCII


def _digest(key_id: str, parts: tuple[bytes, ...]) -> str:
    running = blake2b(key_id.encode(), digest_size=DIGEST_BYTES)
    for part in parts:
        running.update(len(part).to_bytes(8, "big"))
        running.update(part)
    return running.hexdigest()
