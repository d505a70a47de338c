"""Who acts through a page."""

from django.http import HttpRequest

from accounts.actor import Actor
from accounts.models import User
from portal.address import address_of


def actor_of(request: HttpRequest) -> Actor:
    """Answer the signed-in person as an actor. A page's decorator has made sure that there is one."""
    assert isinstance(request.user, User)
    return Actor.person(request.user, ip_address=address_of(request))
