"""What a line used: from its answer, or, where an earlier try may have been charged, from its receipt. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.money import PICOS_PER_UNIT
from core.usage import INPUT_CLASSES

OUTPUT_CLASSES = ("output", "reasoning", "audio_out")


@dataclass(frozen=True, slots=True)
class LineUsage:
    """Tokens as OpenAI counts them: cached ones are input, reasoning is output. `amount` in picodollars."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    amount: int = 0


def usage_of_answer(body: Mapping[str, Any], *, endpoint: str, cost: str) -> LineUsage:
    """`cost` is the gateway's `x-request-cost`, exact. Raises ValueError, KeyError or TypeError for no such answer."""
    usage = body["usage"]
    counts = _of_messages(usage) if endpoint == "/v1/messages" else _of_openai(usage)
    return LineUsage(*counts, amount=picos_of(cost))


def usage_of_receipt(receipt: Mapping[str, Any]) -> LineUsage:
    counts = {line["class"]: int(line["quantity"]) for line in receipt["lines"]}
    return LineUsage(
        input_tokens=sum(counts.get(each.value, 0) for each in INPUT_CLASSES),
        cached_tokens=counts.get("cache_read", 0),
        output_tokens=sum(counts.get(name, 0) for name in OUTPUT_CLASSES),
        reasoning_tokens=counts.get("reasoning", 0),
        amount=picos_of(receipt["amount"]),
    )


def picos_of(text: str) -> int:
    """Read a decimal of whole picodollars. Raises ValueError."""
    picos = Decimal(text) * PICOS_PER_UNIT
    if picos != picos.to_integral_value():
        raise ValueError(f"{text} is finer than a picodollar.")
    return int(picos)


def _of_openai(usage: Mapping[str, Any]) -> tuple[int, int, int, int]:
    is_responses = "input_tokens" in usage
    prefix_in, prefix_out = ("input", "output") if is_responses else ("prompt", "completion")
    return (
        int(usage[f"{prefix_in}_tokens"]),
        int((usage.get(f"{prefix_in}_tokens_details") or {}).get("cached_tokens") or 0),
        int(usage.get(f"{prefix_out}_tokens") or 0),
        int((usage.get(f"{prefix_out}_tokens_details") or {}).get("reasoning_tokens") or 0),
    )


def _of_messages(usage: Mapping[str, Any]) -> tuple[int, int, int, int]:
    read, written = usage.get("cache_read_input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
    thinking = (usage.get("output_tokens_details") or {}).get("thinking_tokens") or 0
    return int(usage["input_tokens"]) + int(read) + int(written), int(read), int(usage["output_tokens"]), int(thinking)
