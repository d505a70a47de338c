"""The demo's sign-ins, noted in `var/demo.json` for the greeting and for tests. Only the owner may read the file."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from secrets import token_urlsafe


@dataclass(frozen=True)
class SignIn:
    email: str
    password: str = field(repr=False)

    @classmethod
    def new(cls, email: str) -> "SignIn":
        return cls(email, token_urlsafe(9))


@dataclass(frozen=True)
class SignIns:
    """`api_key` is the developer's first key in clear: this file is the one place that keeps it."""

    admin: SignIn
    developer: SignIn
    api_key: str = field(repr=False)
    model: str


def read_sign_ins(file: Path) -> SignIns | None:
    """Answer what was noted; None where the file is missing or not ours."""
    try:
        noted = json.loads(file.read_text())
        admin, developer = SignIn(**noted["admin"]), SignIn(**noted["developer"])
        return SignIns(admin, developer, str(noted["api_key"]), str(noted["model"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_sign_ins(file: Path, sign_ins: SignIns) -> None:
    """Write the file whole or not at all; nobody else may read it at any moment."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as output:
        json.dump(asdict(sign_ins), output, indent=2)
    draft.replace(file)
