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
from sandbox.model.tools import Call, calls_for

MAX_OUTPUT_TOKENS = 8192
REASONING_TOKENS = {"none": 0, "minimal": 0, "low": 16, "medium": 64, "high": 256, "xhigh": 512, "max": 1024}
IMAGE_TOKENS = 256
# Shows what it thinks, and thinks a little where nothing is asked for.
THINKER = "demo-thinking"
# What it says that it served; everything else is the default.
TIERS = {"flex": "flex", "priority": "priority"}
# What may change between two requests that deserve the same answer.
TRANSPORT_FIELDS = frozenset({"stream", "stream_options", "user", "metadata", "service_tier"})


@dataclass(frozen=True, slots=True)
class Generation:
    """`emitted` are the pieces sent to the caller; the tokens of `thought` and of `calls` are counted beside them."""

    id: str
    model: str
    emitted: list[str]
    finish_reason: str
    prompt_tokens: int
    cached_tokens: int
    thought: list[str]
    calls: list[Call]
    service_tier: str = "default"
    stop_reason: str | None = None

    @property
    def reasoning_tokens(self) -> int:
        return len(self.thought)

    @property
    def shown_thought(self) -> list[str]:
        return self.thought if self.model == THINKER else []

    def usage(self) -> dict[str, Any]:
        completion = len(self.emitted) + self.reasoning_tokens + sum(call.tokens for call in self.calls)
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
    prompt = [piece for text in [*texts, fields.tool_definitions(body)] for piece in pieces(text)]
    answer = _answer(body, texts[-1], seed)
    return Generation(
        id="chatcmpl-" + hashlib.sha256(seed.encode()).hexdigest()[:24],
        model=body["model"],
        prompt_tokens=len(prompt) + fields.image_count(body) * IMAGE_TOKENS,
        cached_tokens=cache.cached_tokens(body["model"], prompt),
        service_tier=TIERS.get(str(body.get("service_tier")), "default"),
        **answer,
    )


def _answer(body: dict[str, Any], prompt: str, seed: str) -> dict[str, Any]:
    """Reasoning is spent first, out of the same allowance as the text. Calls are made whole, or not at all."""
    allowed = _allowed(body)
    thought = reasoning_about(prompt, _reasoning(body))[:allowed]
    room = allowed - len(thought)
    calls = calls_for(body, prompt, seed=seed)
    if calls and sum(call.tokens for call in calls) <= room:
        return {"thought": thought, "calls": calls, "emitted": [], "finish_reason": "tool_calls"}
    whole, met = _cut(answer_to(prompt, seed=seed), fields.stops(body))
    text = pieces(whole)
    if len(text) > room:
        return {"thought": thought, "calls": [], "emitted": text[:room], "finish_reason": "length"}
    return {"thought": thought, "calls": [], "emitted": text, "finish_reason": "stop", "stop_reason": met}


def _allowed(body: dict[str, Any]) -> int:
    asked = fields.whole(body, "max_completion_tokens") or fields.whole(body, "max_tokens")
    return min(asked or MAX_OUTPUT_TOKENS, MAX_OUTPUT_TOKENS)


def _reasoning(body: dict[str, Any]) -> int:
    effort = body.get("reasoning_effort") or ("low" if body["model"] == THINKER else "none")
    if effort not in REASONING_TOKENS:
        raise Refused(f"reasoning_effort is one of {', '.join(REASONING_TOKENS)}.", param="reasoning_effort")
    return REASONING_TOKENS[effort]


def _cut(text: str, stops: list[str]) -> tuple[str, str | None]:
    """The text before the first stop that it has, and that stop."""
    ends = [(text.find(stop), stop) for stop in stops if stop in text]
    end, met = min(ends, default=(len(text), None))
    return text[:end], met
