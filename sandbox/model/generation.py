"""What the demo model answers to one chat request: pieces, the reason for ending, and the counts of both sides."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sandbox.model import fields
from sandbox.model.errors import Refused
from sandbox.model.prefix_cache import PrefixCache
from sandbox.model.prose import answer_to, reasoning_about
from sandbox.model.tokenizer import pieces

MAX_OUTPUT_TOKENS = 8192
REASONING_TOKENS = {"none": 0, "minimal": 0, "low": 16, "medium": 64, "high": 256}
# What may change between two requests that deserve the same answer.
TRANSPORT_FIELDS = frozenset({"stream", "stream_options", "user", "metadata"})


@dataclass(frozen=True, slots=True)
class Generation:
    """`emitted` are the pieces sent to the caller; reasoning tokens are counted beside them."""

    id: str
    model: str
    emitted: list[str]
    finish_reason: str
    prompt_tokens: int
    cached_tokens: int
    reasoning_tokens: int

    def usage(self) -> dict[str, Any]:
        completion = len(self.emitted) + self.reasoning_tokens
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion,
            "total_tokens": self.prompt_tokens + completion,
            "prompt_tokens_details": {"cached_tokens": self.cached_tokens, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": self.reasoning_tokens, "audio_tokens": 0},
        }


def generate(body: dict[str, Any], cache: PrefixCache) -> Generation:
    texts = fields.message_texts(body)
    if body.get("n") not in (None, 1):
        raise Refused("The demo model answers one choice.", param="n")
    seed = json.dumps({k: v for k, v in body.items() if k not in TRANSPORT_FIELDS}, sort_keys=True)
    prompt = [piece for text in texts for piece in pieces(text)]
    reasoning, emitted, reason = _answer(body, texts[-1], seed)
    return Generation(
        id="chatcmpl-" + hashlib.sha256(seed.encode()).hexdigest()[:24],
        model=body["model"],
        emitted=emitted,
        finish_reason=reason,
        prompt_tokens=len(prompt),
        cached_tokens=cache.cached_tokens(body["model"], prompt),
        reasoning_tokens=reasoning,
    )


def _answer(body: dict[str, Any], prompt: str, seed: str) -> tuple[int, list[str], str]:
    """Reasoning is spent first, out of the same allowance as the text."""
    allowed = _allowed(body)
    thought = reasoning_about(prompt, _reasoning(body))[:allowed]
    text = pieces(_cut(answer_to(prompt, seed=seed), fields.stops(body)))
    room = allowed - len(thought)
    return len(thought), text[:room], "stop" if len(text) <= room else "length"


def _allowed(body: dict[str, Any]) -> int:
    asked = fields.whole(body, "max_completion_tokens") or fields.whole(body, "max_tokens")
    return min(asked or MAX_OUTPUT_TOKENS, MAX_OUTPUT_TOKENS)


def _reasoning(body: dict[str, Any]) -> int:
    effort = body.get("reasoning_effort") or "none"
    if effort not in REASONING_TOKENS:
        raise Refused(f"reasoning_effort is one of {', '.join(REASONING_TOKENS)}.", param="reasoning_effort")
    return REASONING_TOKENS[effort]


def _cut(text: str, stops: list[str]) -> str:
    ends = [text.find(stop) for stop in stops]
    return text[: min((end for end in ends if end >= 0), default=len(text))]
