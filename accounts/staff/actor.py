from django.http import HttpRequest

from accounts.actor import Actor
from accounts.models import User


def staff_actor(request: HttpRequest) -> Actor:
    """Answer who acts on a staff page, and from where. Raises NotAllowed for anybody but staff."""
    assert isinstance(request.user, User)
    return Actor.staff(request.user, ip_address=request.META.get("REMOTE_ADDR") or None)
