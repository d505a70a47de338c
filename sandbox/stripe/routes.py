"""The table of endpoints: which parameters each one takes, and which of them the sandbox acts on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.stripe.errors import not_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.stripe.desk import Desk
    from sandbox.stripe.values import Obj

ALWAYS = frozenset({"expand", "metadata"})
LIST = "limit starting_after ending_before created"


@dataclass
class Call:
    """One request on its way to a handler, with its parameters already typed."""

    desk: Desk
    path: str
    ids: tuple[str, ...]
    params: Obj

    @property
    def id(self) -> str:
        """The first id in the path."""
        return self.ids[0]


Handler = "Callable[[Call], Obj]"


@dataclass(frozen=True)
class Route:
    """One endpoint. `supports` names parameters by dotted paths; a name stands for all below it."""

    method: str
    pattern: re.Pattern[str]
    shape: type
    supports: frozenset[str]
    handler: Callable[[Call], Obj]


ROUTES: list[Route] = []


def route(
    method: str, path: str, shape: type, supports: str = ""
) -> Callable[[Callable[[Call], Obj]], Callable[[Call], Obj]]:
    """Register a handler; what it answers is the public form of an object or of a list."""
    pattern = re.compile(re.sub(r"{\w+}", "([^/]+)", path))

    def register(handler: Callable[[Call], Obj]) -> Callable[[Call], Obj]:
        ROUTES.append(Route(method, pattern, shape, ALWAYS | set(supports.split()), handler))
        return handler

    return register


def match(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """Answer the endpoint and the ids in the path, or refuse."""
    found = [(one, one.pattern.fullmatch(path)) for one in ROUTES if one.method == method]
    fitting = [(one, what.groups()) for one, what in found if what and "search" not in what.groups()]
    if not fitting:
        raise not_here(f"{method} {path}")
    # A path of its own (`/invoices/create_preview`) wins over one with an id in that place.
    return min(fitting, key=lambda pair: len(pair[1]))


def refuse_unsupported(chosen: Route, params: Obj) -> None:
    """Refuse parameters that Stripe knows and the sandbox ignores; a plain `false` asks for nothing."""
    for name, value in _leaves(params, ""):
        parts = name.split(".")
        supported = any(".".join(parts[: count + 1]) in chosen.supports for count in range(len(parts)))
        if not supported and value is not False:
            raise not_here(f"The parameter `{name}`")


def _leaves(value: object, name: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    else:
        yield name, value
