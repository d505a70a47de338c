"""Service tiers on the wire: the word that was asked for becomes a tier with a price, and the answer says what it got.

`auto` is standard here: nobody pays more than for what he named. Anthropic's words know no other tier than standard.
"""

import re
from collections.abc import Mapping

from core.service_tier import ServiceTier
from core.verdict import Refusal, Verdict
from core.wire import ModelFacts, PriceFacts

PARAM = "service_tier"
TIERS = {
    "auto": ServiceTier.STANDARD,
    "default": ServiceTier.STANDARD,
    "standard_only": ServiceTier.STANDARD,
    "flex": ServiceTier.FLEX,
    "priority": ServiceTier.PRIORITY,
}
# OpenAI's words for what was served.
SERVED = {ServiceTier.STANDARD: b"default", ServiceTier.FLEX: b"flex", ServiceTier.PRIORITY: b"priority"}
# The value of the field as it was asked for or as a model server has it. A quoted text can't match: its quotes are
# escaped.
FIELD = re.compile(rb'("service_tier": ?)("[a-z_]*"|null)')
# A chat completion from a model server that doesn't say: the field is put in front.
CHAT = b"chat.completion"
OPENING = re.compile(rb"(^|data: )\{")


def tier_of(asked: str | None) -> ServiceTier | Verdict:
    if asked is None:
        return ServiceTier.STANDARD
    tier = TIERS.get(asked)
    if tier is None:
        known = ", ".join(word for word in TIERS if word != "standard_only")
        return Verdict(Refusal.INVALID_REQUEST, f"service_tier is one of {known}, not '{asked}'.", param=PARAM)
    return tier


def prices_at(tier: ServiceTier, price: PriceFacts, model: ModelFacts) -> Mapping[str, int] | Verdict:
    prices = price.of_tier(tier)
    if prices is not None:
        return prices
    sold = ", ".join(SERVED[name].decode() for name in SERVED if price.of_tier(name) is not None)
    message = f"The model '{model.slug}' isn't sold at the service tier '{tier}'. Sold are: {sold}."
    return Verdict(Refusal.INVALID_REQUEST, message, param=PARAM)


class TierEcho:
    """Writes the tier that is served into an answer, whole or in frames.

    A batch's line says `batch` in the answer of a Messages call, whose vocabulary has the word; OpenAI's has none.
    """

    def __init__(self, tier: ServiceTier) -> None:
        self._word = SERVED.get(tier, tier.encode())
        self._is_priority = tier == ServiceTier.PRIORITY

    def __call__(self, data: bytes) -> bytes:
        shown, count = FIELD.subn(self._shown, data)
        if count or CHAT not in data:
            return shown
        return OPENING.sub(rb'\1{"service_tier":"' + self._word + b'",', data)

    def _shown(self, found: re.Match[bytes]) -> bytes:
        """A model server that served priority as standard says so, and standard is charged."""
        if self._is_priority and found[2] in (b'"default"', b'"standard"'):
            return found[1] + b'"default"'
        return found[1] + b'"' + self._word + b'"'
