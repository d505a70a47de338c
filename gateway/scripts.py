"""The Lua scripts, each loaded under its SHA1 when a connection is made. Their pieces are in `lua/`."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from core.budget_wire import COPY_SPENT_IF_NEWER, budgets_at, spent_at
from core.wire import SET_WALLET, wallet_at

FOLDER = Path(__file__).parent / "lua"
Keys = tuple[str, str, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Script:
    text: str
    sha: str


def _script(*names: str, before: tuple[str, ...] = ()) -> Script:
    pieces = [(FOLDER / f"{name}.lua").read_text() for name in ("keys", "holds", *names)]
    text = "\n".join([*before, *pieces])
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


ADMIT = _script("windows", "budgets", "rates", "mark", "admit")
RELEASE = _script("release", before=(SET_WALLET, COPY_SPENT_IF_NEWER))
KEEP = _script("keep")
LOOK = _script("windows", "budgets", "rates", "look")
SCRIPTS = (ADMIT, RELEASE, KEEP, LOOK)


@lru_cache(maxsize=10_000)
def keys_of(organization: UUID | str, key: str = "") -> Keys:
    """What every script declares: the organization's wallet, holds, rates and budgets, and the rates of one key.

    All lie in one slot of a Redis Cluster. Holds, amounts and rates are the gateway's own.
    """
    tag = f"{{{organization}}}"
    return (
        *(wallet_at(organization), f"{tag}:holds", f"{tag}:amounts", f"{tag}:rates"),
        *(f"{tag}:rates:{key}", budgets_at(organization), spent_at(organization)),
    )
