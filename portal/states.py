"""How a state is shown: a word, an icon and a kind, which is its colour."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    kind: str
    icon: str


GOOD = Look("good", "good")
WAITING = Look("warn", "clock")
CAREFUL = Look("warn", "warn")
STOPPED = Look("warn", "pause")
BAD = Look("bad", "bad")
ENDED = Look("neutral", "ban")
DRAFT = Look("neutral", "draft")
INFO = Look("info", "info")

LOOKS: Mapping[str, Look] = {
    "active": GOOD,
    "paid": GOOD,
    "completed": GOOD,
    "published": GOOD,
    "ga": GOOD,
    "trialing": INFO,
    "open": INFO,
    "public_preview": INFO,
    "partner_preview": INFO,
    "validating": WAITING,
    "in_progress": WAITING,
    "finalizing": WAITING,
    "cancelling": WAITING,
    "pending": WAITING,
    "incomplete": WAITING,
    "processing": WAITING,
    "waitlist": WAITING,
    "staged_rollout": WAITING,
    "past_due": CAREFUL,
    "partially_paid": CAREFUL,
    "aborted": CAREFUL,
    "deprecated": CAREFUL,
    "idle": WAITING,
    "over_age": CAREFUL,
    "ends_soon": WAITING,
    "disabled": STOPPED,
    "archived": STOPPED,
    "paused": STOPPED,
    "within": GOOD,
    "near": CAREFUL,
    "over": CAREFUL,
    "refusing": BAD,
    "frozen": BAD,
    "suspended": BAD,
    "unpaid": BAD,
    "uncollectible": BAD,
    "failed": BAD,
    "upstream_failed": BAD,
    "revoked": ENDED,
    "expired": ENDED,
    "incomplete_expired": ENDED,
    "canceled": ENDED,
    "cancelled": ENDED,
    "retired": ENDED,
    "void": ENDED,
    "closed": ENDED,
    "draft": DRAFT,
    "internal": DRAFT,
}

WORDS: Mapping[str, str] = {
    "over": "Beyond it",
    "refusing": "Refusing",
    "near": "Getting near",
    "ga": "Available",
    "public_preview": "Preview",
    "incomplete": "Payment pending",
    "incomplete_expired": "Never paid",
    "upstream_failed": "Model failed",
    "aborted": "Hung up",
}


def look_of(state: str) -> Look:
    return LOOKS.get(state, INFO)


def word_of(state: str) -> str:
    return WORDS.get(state) or state.replace("_", " ").capitalize()
