"""Secrets of a demo: generated once, kept in files that only their owner may read."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "KEY_PEPPERS": lambda: f"p1:{secrets.token_hex(32)}",
    "BATCH_SIGNING_KEY": lambda: secrets.token_hex(32),
    # The prefix is Stripe's own for test mode, so that every check on the form of a key holds in the sandbox too.
    "STRIPE_SECRET_KEY": lambda: f"sk_test_sandbox_{secrets.token_hex(16)}",
}


def secret(folder: Path, name: str) -> str:
    """Answer the secret called `name`; the first call generates it."""
    file = folder / name.lower()
    if not file.exists():
        write_private(file, SECRETS[name]())
    return file.read_text().strip()


def write_private(file: Path, text: str) -> None:
    """Write a file of mode 0600 whole or not at all; no other account sees it at any moment."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as output:
        output.write(text)
    draft.replace(file)
