"""Service tiers: what the gateway calls them, and the dialects. A tier that nobody knows keeps its name."""

# OpenAI's dialects say `default` where Anthropic's and the price book say `standard`.
USUAL = "standard"
OPENAI_USUAL = "default"


def tier_of(told: str | None) -> str | None:
    """Our name of what an upstream says it served."""
    return USUAL if told == OPENAI_USUAL else told


def in_openais_words(tier: str | None) -> dict[str, object]:
    """The field of an answer; nothing where no tier was told."""
    return {"service_tier": OPENAI_USUAL if tier == USUAL else tier} if tier else {}
