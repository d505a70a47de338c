"""The one loose type of this program: a Stripe object as JSON, whose shape is held by `shapes`."""

from __future__ import annotations

import copy
from typing import Any

Obj = dict[str, Any]
HIDDEN = "_"


def public(obj: Obj) -> Obj:
    """Answer a deep copy without the fields that only the sandbox knows."""
    return {key: copy.deepcopy(value) for key, value in obj.items() if key != HIDDEN}


def hidden(obj: Obj) -> Obj:
    """What the sandbox remembers beside the public fields (a card's number, a webhook's secret)."""
    inner: Obj = obj.setdefault(HIDDEN, {})
    return inner


def previous(before: Obj, after: Obj) -> Obj:
    """Answer the old values of what changed, as an event's `previous_attributes` lists them."""
    changed: Obj = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        both_hashes = isinstance(old, dict) and isinstance(new, dict)
        changed[key] = previous(old, new) if both_hashes else old  # type: ignore[arg-type]
    return changed


def clock_of(obj: Obj) -> str | None:
    """Answer the test clock that an object lives on, None for the wall."""
    clock: str | None = obj.get("test_clock") or hidden(obj).get("clock")
    return clock


def merge_metadata(old: Obj | None, new: Obj | str | None) -> Obj:
    """Answer metadata after an update: keys are merged, a key set to empty goes, an empty whole clears all."""
    if new is None:
        return dict(old or {})
    if isinstance(new, str):
        return {}
    merged = dict(old or {}) | new
    return {key: value for key, value in merged.items() if value != ""}
