"""What can be done to a key, with the words of the pages that ask first."""

from collections.abc import Callable
from dataclasses import dataclass

from keys.disable import disable_key, enable_key
from keys.models import ApiKey
from keys.revoke import revoke_key


@dataclass(frozen=True, slots=True)
class KeyChange:
    """An action on a key, and the words around it. `button` is the style of the button that does it."""

    act: Callable[..., ApiKey]
    verb: str
    consequence: str
    done: str
    button: str


REVOCATION = KeyChange(
    revoke_key,
    verb="Revoke",
    consequence="Programs that use it are refused within a second, for ever. This cannot be taken back.",
    done="is revoked.",
    button="danger",
)
DISABLEMENT = KeyChange(
    disable_key,
    verb="Disable",
    consequence="Programs that use it are refused within a second, until you enable it again.",
    done="is disabled.",
    button="primary",
)
ENABLEMENT = KeyChange(
    enable_key,
    verb="Enable",
    consequence="Programs that hold it can call the models again.",
    done="is enabled.",
    button="primary",
)
