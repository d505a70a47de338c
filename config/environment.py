"""Typed reads of the environment. A missing or unreadable variable stops the start with one sentence that names it."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from core.redis_place import redis_place

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None) -> str:
    """Answer the variable; without a default, a missing or empty one is an error."""
    value = os.environ.get(name) or default
    if value is None:
        message = f"Set {name}: `make run` does so by itself, elsewhere the environment must."
        raise ImproperlyConfigured(message)
    return value


def flag(name: str, *, default: bool = False) -> bool:
    value = os.environ.get(name, str(default)).strip().lower()
    if value not in TRUE | FALSE:
        message = f"{name} must be 1 or 0, not {value!r}."
        raise ImproperlyConfigured(message)
    return value in TRUE


def whole(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    try:
        return int(value)
    except ValueError:
        message = f"{name} must be a whole number, not {value!r}."
        raise ImproperlyConfigured(message) from None


def words(name: str, default: str = "") -> list[str]:
    """Answer a comma-separated list, without empty words."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def folder(name: str, default: Path) -> Path:
    return Path(os.environ.get(name) or default).resolve()


def plain_redis(name: str, default: str) -> str:
    """Answer the URL of a Redis that is no cluster, which queues and caches can't use."""
    url = text(name, default)
    if redis_place(url).is_cluster:
        message = f"Set {name} to a Redis that is no cluster: {url.partition('://')[0]} is one."
        raise ImproperlyConfigured(message)
    return url
