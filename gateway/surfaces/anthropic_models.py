"""Models as Anthropic lists them: with a stage of life, in pages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from core.verdict import Refusal, Verdict
from core.wire import ModelFacts

USUAL_PAGE = 20
LARGEST_PAGE = 1000


def shown(model: ModelFacts) -> dict[str, object]:
    return {
        "type": "model",
        "id": model.slug,
        "display_name": model.name,
        "created_at": _instant(model.created),
        "lifecycle": model.lifecycle,
        "deprecated_at": _instant(model.deprecated_at),
        "retires_at": _instant(model.retires_at),
        "line": None,
        "max_input_tokens": model.context_window,
        "max_tokens": model.max_output_tokens or None,
    }


def page_of(models: Sequence[ModelFacts], query: Mapping[str, str]) -> dict[str, object] | Verdict:
    """The page after `after_id` or before `before_id`; a name that is not listed is refused."""
    limit = query.get("limit", str(USUAL_PAGE))
    if not limit.isdecimal() or not 1 <= int(limit) <= LARGEST_PAGE:
        message = f"limit must be a whole number from 1 to {LARGEST_PAGE:,}."
        return Verdict(Refusal.INVALID_REQUEST, message, param="limit")
    slugs = [model.slug for model in models]
    for name in ("after_id", "before_id"):
        if query.get(name) and query[name] not in slugs:
            return Verdict(Refusal.INVALID_REQUEST, f"No model that is listed has the id '{query[name]}'.", param=name)
    if query.get("before_id"):
        rest = models[: slugs.index(query["before_id"])]
        return _page(rest[-int(limit) :], has_more=len(rest) > int(limit))
    rest = models[slugs.index(query["after_id"]) + 1 :] if query.get("after_id") else models
    return _page(rest[: int(limit)], has_more=len(rest) > int(limit))


def _page(models: Sequence[ModelFacts], *, has_more: bool) -> dict[str, object]:
    ids = [model.slug for model in models]
    data = [shown(model) for model in models]
    return {
        "data": data,
        "has_more": has_more,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }


def _instant(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
