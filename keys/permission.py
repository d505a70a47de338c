"""Who may make and change keys: admin keys act for the whole organization, so that they need more."""

from accounts.actor import Actor
from accounts.models import Organization
from accounts.permissions import Permission
from keys.models import ApiKey


def permission_for(kind: str) -> Permission:
    return Permission.MANAGE_ADMIN_KEYS if kind == ApiKey.Kind.ADMIN else Permission.MANAGE_KEYS


def require_to_manage(actor: Actor, kind: str, organization: Organization) -> None:
    """Raise NotAllowed unless the actor may make and change keys of this kind."""
    actor.require(permission_for(kind), organization)
