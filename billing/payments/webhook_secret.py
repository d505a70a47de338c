"""The secret of our webhook endpoint. Stripe tells it once, when the endpoint is made.

`STRIPE_WEBHOOK_SECRET` wins. Otherwise it is what `connect_stripe` kept in a file that its owner alone may read,
together with the endpoint's id, so that a secret of another endpoint is never taken for this one's.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class EndpointSecret:
    endpoint: str
    secret: str


def webhook_secret() -> str:
    """Answer the secret; empty where no endpoint was made yet. Read each time: `connect_stripe` may renew it."""
    if settings.STRIPE_WEBHOOK_SECRET:
        return str(settings.STRIPE_WEBHOOK_SECRET)
    kept = kept_secret()
    return kept.secret if kept else ""


def kept_secret() -> EndpointSecret | None:
    try:
        return EndpointSecret(**json.loads(_file().read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def keep_secret(kept: EndpointSecret) -> None:
    """Write the file of mode 0600 whole or not at all."""
    file = _file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        json.dump(asdict(kept), output)
    draft.replace(file)


def _file() -> Path:
    return Path(settings.VAR_DIR) / "secrets" / "stripe_webhook_secret"
