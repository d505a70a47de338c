"""The Lua scripts, each loaded under its SHA1 when a connection is made."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from core.wire import SET_WALLET, wallet_at


@dataclass(frozen=True, slots=True)
class Script:
    text: str
    sha: str


def _script(name: str) -> Script:
    folder = Path(__file__).parent
    text = SET_WALLET + (folder / "holds.lua").read_text() + (folder / name).read_text()
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


ADMIT = _script("admit.lua")
RELEASE = _script("release.lua")
KEEP = _script("keep.lua")
LOOK = _script("look.lua")
SCRIPTS = (ADMIT, RELEASE, KEEP, LOOK)


def keys_of(organization: UUID | str) -> tuple[str, str, str, str]:
    """The wallet, and the three keys that are the gateway's own; one slot of a Redis Cluster."""
    tag = f"{{{organization}}}"
    return wallet_at(organization), f"{tag}:holds", f"{tag}:amounts", f"{tag}:rates"
